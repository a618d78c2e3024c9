/** Time that is left until a moment of the server's clock. */

import { useComputed } from "@preact/signals";
import { useSecond } from "../shared/clock";
import { clockTime } from "../shared/format";

/** Only the text changes, once a second. */
export function Countdown({ atMs }: { atMs: number }) {
  const second = useSecond();
  const text = useComputed(() => clockTime(atMs - second.value));
  return <time class="countdown">{text}</time>;
}
