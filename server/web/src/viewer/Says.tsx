/** The line under the controls: the answer to the last wish, or why there is nothing to press, or what else to know. */

import { useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { nextBatchText } from "../shared/nextBatch";
import { InCheckouts } from "./Availability";
import { Moment } from "./Countdown";
import { isForLater, type Offer } from "./model/offer";
import type { Saying, Tone } from "./model/verdicts";
import { useViewer } from "./model/viewer";
import { withPeople } from "./model/waitwords";
import { Standing } from "./Place";
import "./says.css";

/** An answer that takes longer than this is explained, in ms. */
const LONG_MS = 2_500;

export type Phase = "idle" | "asking" | "waiting" | "held";

interface Props {
  sku: string;
  phase: Phase;
  offer: Offer;
  /** A press came too soon after the product changed. */
  early: boolean;
}

/** Its space is always there. It is no live region: the voice says answers once, wherever they are drawn. */
export function Says({ sku, phase, offer, early }: Props) {
  const viewer = useViewer();
  const { waits } = viewer;
  const note = viewer.note(sku).value;
  if (phase === "asking") return <Line>{isForLater(offer) ? t("buy.will_send") : <Patience />}</Line>;
  if (note !== null) return <Note sku={sku} note={note} offer={offer} />;
  if (phase === "held") return <OfHold sku={sku} />;
  const place = waits.place(sku);
  if (phase === "waiting" && place !== null) {
    return <Line tone={place.stopped === null ? undefined : "wait"}>{<Standing place={place} />}</Line>;
  }
  if (early) return <Line tone="wait">{t("buy.too_soon")}</Line>;
  if (offer.kind === "none") return <Line>{obstacleText(offer)}</Line>;
  if (offer.kind === "wait") {
    return (
      <Line>
        <AndPeople sentence={obstacleText(offer)} sku={sku} />
      </Line>
    );
  }
  return (
    <Line>
      <Hints sku={sku} />
    </Line>
  );
}

/** The answer to a wish. Where there were fewer than it was for, those may be waited for. */
function Note({ sku, note, offer }: { sku: string; note: Saying; offer: Offer }) {
  const viewer = useViewer();
  const wanted = viewer.live.waitlist.value && offer.kind === "open" ? note.wanted : undefined;
  return (
    <Line tone={note.tone}>
      <span>{t(note.key, note.values)}</span>
      {wanted !== undefined && (
        <button type="button" class="plain plain-small" onClick={() => viewer.wait(sku, wanted)}>
          {t("wait.for", { count: wanted, shown: count(wanted) })}
          <span class="visually-hidden">: {viewer.title(sku)}</span>
        </button>
      )}
    </Line>
  );
}

function OfHold({ sku }: { sku: string }) {
  const { purchases, live } = useViewer();
  const [hold, ...others] = purchases.holds(sku);
  const asked = hold && purchases.asked(hold);
  if (others.length > 0) return <Line>{t("hold.another", { count: others.length, shown: count(others.length) })}</Line>;
  if (hold !== undefined && asked != null && asked > hold.qty)
    return <Line>{t("turn.part", { count: hold.qty, shown: count(hold.qty), asked: count(asked) })}</Line>;
  return <Line>{t(live.demonstration.value ? "hold.demo_hint" : "hold.pay_elsewhere")}</Line>;
}

/** Changes in place. */
function AndPeople({ sentence, sku }: { sentence: string; sku: string }) {
  const view = useViewer().live.sku(sku);
  const people = useComputed(() => view.value?.waiting ?? 0);
  return <>{withPeople(sentence, people.value)}</>;
}

function obstacleText({ because, nextBatchAtMs }: Offer & { kind: "none" | "wait" }): string {
  return nextBatchAtMs === undefined ? t(`obstacle.${because}`) : nextBatchText(nextBatchAtMs);
}

function Line({ tone, children }: { tone?: Tone | undefined; children: ComponentChildren }) {
  return (
    <p class="says" data-tone={tone}>
      {children}
    </p>
  );
}

function Patience() {
  const long = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      long.value = true;
    }, LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  return <>{long.value ? t("buy.still_asking") : ""}</>;
}

/** What else is worth knowing before a press. */
function Hints({ sku }: { sku: string }) {
  const viewer = useViewer();
  const terms = viewer.terms(sku).value;
  const limit = terms?.limit_per_user ?? null;
  const closes = viewer.offer(sku).value?.kind === "open" ? (terms?.closes_at_ms ?? null) : null;
  return (
    <>
      {limit !== null && <span class="hint">{t("stock.limit", { count: limit, shown: count(limit) })}</span>}
      {closes !== null && (
        <span class="hint">
          <Moment key={closes} atMs={closes} words="stock.until" />
        </span>
      )}
      <span class="hint">
        <InCheckouts sku={sku} />
      </span>
    </>
  );
}
