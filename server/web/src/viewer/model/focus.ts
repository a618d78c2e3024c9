/** Keeps the keyboard's place when what had the focus is taken away. */

import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/**
 * Call while drawing a group whose controls come and go: where one of them had the focus and is gone afterwards,
 * `fallback` gets it.
 */
export function useKeptFocus(group: RefObject<HTMLElement | null>, fallback: () => HTMLElement | null): void {
  const had = useRef(false);
  // Read before the new picture is put in place of the old one.
  had.current = group.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (had.current && !group.current?.contains(document.activeElement)) fallback()?.focus({ preventScroll: true });
  });
}
