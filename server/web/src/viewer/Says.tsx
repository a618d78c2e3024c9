/** The line under the controls: the answer to the last wish, or why there is nothing to press, or what else to know. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { nextBatchText } from "../shared/nextBatch";
import { InCheckouts } from "./Availability";
import { Moment } from "./Countdown";
import type { Offer } from "./model/offer";
import type { Tone } from "./model/verdicts";
import { useViewer } from "./model/viewer";
import "./says.css";

/** An answer that takes longer than this is explained, in ms. */
const LONG_MS = 2_500;

interface Props {
  sku: string;
  phase: "idle" | "asking" | "held";
  offer: Offer;
  /** A press came too soon after the product changed. */
  early: boolean;
}

/** Its space is always there. It is no live region: the voice says answers once, wherever they are drawn. */
export function Says({ sku, phase, offer, early }: Props) {
  const { purchases, live } = useViewer();
  const note = purchases.note(sku).value;
  if (phase === "asking")
    return <Line>{offer.kind === "open" && offer.later ? t("buy.will_send") : <Patience />}</Line>;
  if (note !== null) return <Line tone={note.tone}>{t(note.key, note.values)}</Line>;
  if (phase === "held") {
    const others = purchases.holds(sku).length - 1;
    if (others > 0) return <Line>{t("hold.another", { count: others, shown: count(others) })}</Line>;
    return <Line>{t(live.demonstration.value ? "hold.demo_hint" : "hold.pay_elsewhere")}</Line>;
  }
  if (early) return <Line tone="wait">{t("buy.too_soon")}</Line>;
  if (offer.kind === "none") return <Line>{obstacleText(offer)}</Line>;
  return (
    <Line>
      <Hints sku={sku} />
    </Line>
  );
}

function obstacleText({ because, nextBatchAtMs }: Offer & { kind: "none" }): string {
  return nextBatchAtMs === undefined ? t(`obstacle.${because}`) : nextBatchText(nextBatchAtMs);
}

function Line({ tone, children }: { tone?: Tone; children: ComponentChildren }) {
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
