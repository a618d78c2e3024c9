/** Time that is left until a moment of the server's clock. */

import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useSecond } from "../shared/clock";
import { clockTime } from "../shared/format";
import { secondsLeft } from "./countdown";
import { useViewer } from "./viewer";

/** Whole seconds until a moment, `most` at the most; give what calls it a `key` of the moment. */
export function useSecondsLeft(atMs: number, most = Number.POSITIVE_INFINITY): ReadonlySignal<number> {
  const { live } = useViewer();
  const second = useSecond();
  // Between two ticks the clock is further than the last one: a countdown that begins there begins with the right second.
  return useComputed(() => Math.min(most, secondsLeft(atMs, Math.max(second.value, live.room.serverNowMs()))));
}

/** Only the text changes, once a second. */
export function Countdown({ atMs }: { atMs: number }) {
  const leftS = useSecondsLeft(atMs);
  const text = useComputed(() => clockTime(leftS.value * 1000));
  return <time class="countdown">{text}</time>;
}
