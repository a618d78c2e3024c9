/** Choosing how many, reserving, and the hold that comes of it: one group of controls, drawn in one place. */

import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { asked } from "../shared/asked";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { Moment } from "./Countdown";
import { HoldActions, HoldClock } from "./Hold";
import { tooSoon } from "./model/attention";
import { useKeptFocus } from "./model/focus";
import { type Offer, quantity } from "./model/offer";
import { useViewer } from "./model/viewer";
import { Quantity } from "./Quantity";
import { Says } from "./Says";
import "./purchase.css";

/** Longer than the second tap of a double tap takes, in ms. */
const SETTLES_MS = 400;

type Phase = "idle" | "asking" | "held";

/**
 * The button stays the same element in every phase, so that the focus stays on it: "reserve", "asking", then the
 * countdown, with paying and giving back as the next stops.
 *
 * `mayPress` is asked before a press counts: the stage's product may just have changed under the finger. So may the price.
 */
export function Purchase({ sku, mayPress }: { sku: string; mayPress?: () => boolean }) {
  const viewer = useViewer();
  const { purchases } = viewer;
  const group = useRef<HTMLFieldSetElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const chosen = useSignal(1);
  const early = useSignal(false);
  const hold = purchases.holds(sku)[0];
  const asking = purchases.pending(sku).length > 0;
  const phase: Phase = hold !== undefined ? "held" : asking ? "asking" : "idle";
  const settled = useSettled(`${phase} ${hold?.id ?? ""}`);
  const terms = viewer.terms(sku).value;
  const pricedAtMs = useChangedAtMs(terms === null ? "" : asked(terms));
  const offer = viewer.offer(sku).value;
  useKeptFocus(group, () => button.current);
  if (offer === null) return null;

  const press = () => {
    const now = performance.now();
    early.value = (mayPress !== undefined && !mayPress()) || tooSoon(pricedAtMs.current, now);
    if (early.value || phase !== "idle" || offer.kind !== "open" || !settled) return;
    void purchases.reserve(sku, Math.min(chosen.value, viewer.most(sku)));
  };
  const title = viewer.title(sku);
  return (
    <fieldset class="purchase" data-phase={phase} data-offer={offer.kind} ref={group}>
      <legend class="visually-hidden">{t("buy.label", { title })}</legend>
      <div class="purchase-controls">
        {phase !== "held" && <Quantity sku={sku} chosen={chosen} idle={phase === "idle" && offer.kind === "open"} />}
        <button
          ref={button}
          type="button"
          class="reserve"
          aria-disabled={phase !== "idle" || offer.kind !== "open" || !settled}
          onClick={press}
        >
          {hold !== undefined ? (
            <HoldClock hold={hold} />
          ) : asking ? (
            <span>{t(offer.kind === "open" && offer.later ? "buy.waiting" : "buy.asking")}</span>
          ) : (
            <ReserveLabel sku={sku} title={title} offer={offer} chosen={chosen} />
          )}
        </button>
        {hold !== undefined && <HoldActions hold={hold} settled={settled} />}
      </div>
      <Says sku={sku} phase={phase} offer={offer} early={early.value} />
    </fieldset>
  );
}

function ReserveLabel({
  sku,
  title,
  offer,
  chosen,
}: {
  sku: string;
  title: string;
  offer: Offer;
  chosen: { readonly value: number };
}) {
  const viewer = useViewer();
  const qty = useComputed(() => quantity(chosen.value, viewer.most(sku)));
  if (offer.kind === "opens") {
    return (
      <span>
        <Moment key={offer.atMs} atMs={offer.atMs} words="buy.opens" />
        <span class="visually-hidden">: {title}</span>
      </span>
    );
  }
  if (offer.kind === "none") {
    return (
      <span>
        {t(`obstacle_short.${offer.because}`)}
        <span class="visually-hidden">: {title}</span>
      </span>
    );
  }
  const visible = offer.later
    ? t("buy.reserve_later")
    : qty.value > 1
      ? t("buy.reserve_qty", { shown: count(qty.value) })
      : t("buy.reserve");
  return (
    <span>
      {visible}
      <span class="visually-hidden">: {title}</span>
    </span>
  );
}

/** When `what` became something else on the page, if ever. */
function useChangedAtMs(what: string): { readonly current: number | null } {
  const before = useRef(what);
  const atMs = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (before.current !== what) atMs.current = performance.now();
    before.current = what;
  }, [what]);
  return atMs;
}

/** False for a moment after `what` became something else: a press then was meant for what stood there before. */
function useSettled(what: string): boolean {
  const settled = useSignal(what);
  useEffect(() => {
    const timer = setTimeout(() => {
      settled.value = what;
    }, SETTLES_MS);
    return () => clearTimeout(timer);
  }, [what]);
  return settled.value === what;
}
