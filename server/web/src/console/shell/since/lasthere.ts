/** When somebody last looked at a pool in this browser. */

import { keepText, recallText } from "../../browserMemory";

const KEY = "shelfcast.console.left";

/** Remember at each leaving. Returns when it was left before (null: never), and how to stop. */
export function watchLeaving(
  pool: string,
  nowMs: () => number,
): { readonly leftAtMs: number | null; stop: () => void } {
  const key = `${KEY}.${pool}`;
  const leftAtMs = read(key);
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const leave = () => keepText(key, String(Math.round(nowMs())));
  document.addEventListener("visibilitychange", () => document.hidden && leave(), options);
  addEventListener("pagehide", leave, options);
  const end = () => {
    leave();
    stop.abort();
  };
  return { leftAtMs, stop: end };
}

function read(key: string): number | null {
  const kept = Number(recallText(key));
  return kept > 0 ? kept : null;
}
