/** Time that is left until a moment of the server's clock. */

import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useSecond } from "../shared/clock";
import { COUNTED_DOWN_MS, clockTime, dateAndTime } from "../shared/format";
import { t } from "../shared/i18n";
import { secondsLeft } from "./model/countdown";
import { useViewer } from "./model/viewer";

/** Whole seconds until a moment, `most` at the most; give what calls it a `key` of the moment. */
export function useSecondsLeft(atMs: number, most = Number.POSITIVE_INFINITY): ReadonlySignal<number> {
  const { live } = useViewer();
  const second = useSecond();
  // Between two ticks the clock is further than the last one: a countdown that begins there begins with the right second.
  return useComputed(() => Math.min(most, secondsLeft(atMs, Math.max(second.value, live.room.serverNowMs()))));
}

/** A moment of a sale in words with a key of their own: counted down, or by its date where it is days away. */
export function Moment({ atMs, words }: { atMs: number; words: "buy.opens" | "stock.until" }) {
  const leftS = useSecondsLeft(atMs);
  const days = useComputed(() => leftS.value * 1000 > COUNTED_DOWN_MS);
  if (days.value) {
    const at = dateAndTime(atMs);
    if (at !== "") return <>{t(`${words}_at`, { at })}</>;
    // An end without a date is none to hurry for.
    return words === "buy.opens" ? t("buy.opens_later") : null;
  }
  return (
    <>
      {t(words)} <Countdown atMs={atMs} />
    </>
  );
}

/** Only the text changes, once a second. */
function Countdown({ atMs }: { atMs: number }) {
  const leftS = useSecondsLeft(atMs);
  const text = useComputed(() => clockTime(leftS.value * 1000));
  return (
    <time class="countdown" translate={false}>
      {text}
    </time>
  );
}
