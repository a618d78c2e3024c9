/** Choosing how many, reserving, and the hold that comes of it: one group of controls, drawn in one place. */

import { useComputed, useSignal } from "@preact/signals";
import type { Place } from "@shelfcast/client";
import { useRef } from "preact/hooks";
import { asked } from "../shared/asked";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { Moment } from "./Countdown";
import { HoldActions, HoldClock } from "./Hold";
import { tooSoon } from "./model/attention";
import { useKeptFocus } from "./model/focus";
import { isForLater, type Offer, quantity } from "./model/offer";
import { useViewer } from "./model/viewer";
import { bandText } from "./model/waitwords";
import { Leave } from "./Place";
import { Quantity } from "./Quantity";
import { type Phase, Says } from "./Says";
import { useChangedAtMs, useSettled } from "./settled";
import "./purchase.css";

/**
 * The button stays the same element in every phase, so that the focus stays on it: "reserve", "asking", then the
 * countdown, with paying and giving back as the next stops; or "wait for one", and that the viewer does.
 *
 * `mayPress` is asked before a press counts: the stage's product may just have changed under the finger. So may the price.
 */
export function Purchase({ sku, mayPress }: { sku: string; mayPress?: () => boolean }) {
  const viewer = useViewer();
  const { purchases, waits } = viewer;
  const group = useRef<HTMLFieldSetElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const chosen = useSignal(1);
  const early = useSignal(false);
  const hold = purchases.holds(sku)[0];
  const asking = purchases.pending(sku).length > 0 || waits.isAsking(sku);
  const place = waits.place(sku);
  const phase: Phase = hold !== undefined ? "held" : asking ? "asking" : place !== null ? "waiting" : "idle";
  const settled = useSettled(`${phase} ${hold?.id ?? ""}`);
  const terms = viewer.terms(sku).value;
  const pricedAtMs = useChangedAtMs(terms === null ? "" : asked(terms));
  const offer = viewer.offer(sku).value;
  // Reserving and waiting are not the same wish.
  const turnedAtMs = useChangedAtMs(offer?.kind === "wait" ? "wait" : "");
  useKeptFocus(group, () => button.current);
  if (offer === null) return null;

  const offered = phase === "idle" && (offer.kind === "open" || offer.kind === "wait");
  const press = () => {
    const now = performance.now();
    const changed = tooSoon(pricedAtMs.current, now) || tooSoon(turnedAtMs.current, now);
    early.value = (mayPress !== undefined && !mayPress()) || changed;
    if (early.value || !offered || !settled) return;
    const qty = Math.min(chosen.value, viewer.most(sku));
    if (offer.kind === "wait") viewer.wait(sku, qty);
    else void purchases.reserve(sku, qty);
  };
  const title = viewer.title(sku);
  return (
    <fieldset class="purchase" data-phase={phase} data-offer={offer.kind} ref={group}>
      <legend class="visually-hidden">{t("buy.label", { title })}</legend>
      <div class="purchase-controls">
        {phase !== "held" && phase !== "waiting" && <Quantity sku={sku} chosen={chosen} idle={offered} />}
        <button ref={button} type="button" class="reserve" aria-disabled={!offered || !settled} onClick={press}>
          {hold !== undefined ? (
            <HoldClock hold={hold} />
          ) : asking ? (
            <span>{t(isForLater(offer) ? "buy.waiting" : "buy.asking")}</span>
          ) : place !== null ? (
            <WaitLabel place={place} title={title} />
          ) : (
            <ReserveLabel sku={sku} title={title} offer={offer} chosen={chosen} />
          )}
        </button>
        {hold !== undefined && <HoldActions hold={hold} settled={settled} />}
        {phase === "waiting" && place !== null && <Leave place={place} settled={settled} />}
      </div>
      <Says sku={sku} phase={phase} offer={offer} early={early.value} />
    </fieldset>
  );
}

function WaitLabel({ place, title }: { place: Place; title: string }) {
  return (
    <span>
      {t("wait.short", { count: place.qty, shown: count(place.qty) })}
      <span class="visually-hidden">
        : {title}, {bandText(place)}
      </span>
    </span>
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
  return (
    <span>
      {offer.kind === "wait" ? waitLabel(offer.later, qty.value) : reserveLabel(offer.later, qty.value)}
      <span class="visually-hidden">: {title}</span>
    </span>
  );
}

function reserveLabel(later: boolean, qty: number): string {
  if (later) return t("buy.reserve_later");
  return qty > 1 ? t("buy.reserve_qty", { shown: count(qty) }) : t("buy.reserve");
}

function waitLabel(later: boolean, qty: number): string {
  return later ? t("wait.later") : t("wait.for", { count: qty, shown: count(qty) });
}
