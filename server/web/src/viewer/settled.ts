/** Presses that were meant for what stood there before do not count. */

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** Longer than the second tap of a double tap takes, in ms. */
const SETTLES_MS = 400;

/** When `what` became something else on the page, if ever. */
export function useChangedAtMs(what: string): { readonly current: number | null } {
  const before = useRef(what);
  const atMs = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (before.current !== what) atMs.current = performance.now();
    before.current = what;
  }, [what]);
  return atMs;
}

/**
 * False for a moment after `what` became something else: a press then was meant for what stood there before. With
 * `fromTheStart` also after it was first drawn: something else, or nothing, was there.
 */
export function useSettled(what: string, fromTheStart = false): boolean {
  const settled = useSignal(fromTheStart ? null : what);
  useEffect(() => {
    const timer = setTimeout(() => {
      settled.value = what;
    }, SETTLES_MS);
    return () => clearTimeout(timer);
  }, [what]);
  return settled.value === what;
}
