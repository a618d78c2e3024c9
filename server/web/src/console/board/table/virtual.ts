/** Which rows are in the document: all of a short table, of a long one those that are in sight. */

import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useReducer } from "preact/hooks";

/** A table of fewer rows is there as a whole. */
export const VIRTUAL_FROM = 150;
/** So many rows beyond the edge are there, too. */
const OVERSCAN = 8;

interface Options {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly count: number;
  /** In pixels. */
  readonly rowHeight: number;
  readonly headHeight: number;
  /** A row that is there wherever it is: the one with the focus. -1: none. */
  readonly kept: number;
}

/** The rows that are in the document, from top to bottom. */
export function useRows({ scroller, count, rowHeight, headHeight, kept }: Options): readonly number[] {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const isVirtual = count >= VIRTUAL_FROM;
  const virtual = useMemo(
    () =>
      new Virtualizer<HTMLElement, HTMLElement>({
        count: 0,
        getScrollElement: () => scroller.current,
        estimateSize: () => rowHeight,
        scrollToFn: elementScroll,
        observeElementRect,
        observeElementOffset,
      }),
    [],
  );
  virtual.setOptions({
    ...virtual.options,
    count,
    enabled: isVirtual,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    onChange: () => redraw(undefined as never),
  });
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  useLayoutEffect(() => virtual.measure(), [virtual, rowHeight]);
  if (!isVirtual) return Array.from({ length: count }, (_, index) => index);
  const indexes = virtual.getVirtualItems().map(({ index }) => index);
  if (kept >= 0 && kept < count && !indexes.includes(kept)) {
    indexes.push(kept);
    indexes.sort((a, b) => a - b);
  }
  return indexes;
}
