/** Choosing how many, reserving, and the hold that comes of it: one group of controls, drawn in one place. */

import { useComputed, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { tooSoon } from "./attention";
import { Countdown } from "./Countdown";
import { useKeptFocus } from "./focus";
import { HoldActions, HoldClock } from "./Hold";
import { type Offer, quantity } from "./offer";
import { Quantity } from "./Quantity";
import { Says } from "./Says";
import { useViewer } from "./viewer";
import "./purchase.css";

type Phase = "idle" | "asking" | "held";

/**
 * The button stays the same element in every phase, so that the focus stays on it: "reserve", "asking", then the
 * countdown, with paying and giving back as the next stops.
 *
 * `mayPress` is asked before a press counts: the stage's product may just have changed under the finger.
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
  const changedAtMs = useChangeTime(`${phase} ${hold?.id ?? ""}`);
  const offer = viewer.offer(sku).value;
  useKeptFocus(group, () => button.current);
  if (offer === null) return null;

  const press = () => {
    early.value = mayPress !== undefined && !mayPress();
    if (early.value || phase !== "idle" || offer.kind !== "open" || tooSoon(changedAtMs, performance.now())) return;
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
          aria-disabled={phase !== "idle" || offer.kind !== "open"}
          onClick={press}
        >
          {hold !== undefined ? (
            <HoldClock hold={hold} title={title} />
          ) : asking ? (
            <span>{t(offer.kind === "open" && offer.later ? "buy.waiting" : "buy.asking")}</span>
          ) : (
            <ReserveLabel sku={sku} title={title} offer={offer} chosen={chosen} />
          )}
        </button>
        {hold !== undefined && <HoldActions hold={hold} changedAtMs={changedAtMs} />}
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
        {t("buy.opens")} <Countdown key={offer.atMs} atMs={offer.atMs} />
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

/** When `what` last became something else, ms of the page's clock; null before its first change. */
function useChangeTime(what: string): number | null {
  const last = useRef(what);
  const changedAtMs = useRef<number | null>(null);
  if (last.current !== what) {
    last.current = what;
    changedAtMs.current = performance.now();
  }
  return changedAtMs.current;
}
