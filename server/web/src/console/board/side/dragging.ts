/** Rows of a list that are dragged to another place of it. The same is done by buttons: who drags nothing misses nothing. */

import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import { draggable, dropTargetForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { attachClosestEdge, extractClosestEdge } from "@atlaskit/pragmatic-drag-and-drop-hitbox/closest-edge";

/** What the rows of one list have in common. */
export type ListName = string;

interface Options {
  readonly row: HTMLElement;
  readonly handle: Element | undefined;
  readonly list: ListName;
  /** Where the row stands now. */
  readonly place: () => number;
  readonly dropped: (from: number, to: number) => void;
}

/** Let a row be dragged, and others be dropped on it. Returns what ends it. */
export function letDrag({ row, handle, list, place, dropped }: Options): () => void {
  const mark = (edge: string | null) => {
    if (edge === null) delete row.dataset.dropEdge;
    else row.dataset.dropEdge = edge;
  };
  return combine(
    draggable({
      element: row,
      ...(handle && { dragHandle: handle }),
      getInitialData: () => ({ list, place: place() }),
      onDragStart: () => {
        row.dataset.dragging = "";
      },
      onDrop: () => {
        delete row.dataset.dragging;
      },
    }),
    dropTargetForElements({
      element: row,
      canDrop: ({ source }) => source.data.list === list,
      getData: ({ input, element }) => attachClosestEdge({}, { input, element, allowedEdges: ["top", "bottom"] }),
      onDrag: ({ self, source }) => mark(source.element === row ? null : extractClosestEdge(self.data)),
      onDragLeave: () => mark(null),
      onDrop: ({ self, source }) => {
        mark(null);
        dropped(Number(source.data.place), landing(Number(source.data.place), place(), extractClosestEdge(self.data)));
      },
    }),
  );
}

/** Where a row from `from` comes to stand that is dropped on an edge of the one at `on`. */
export function landing(from: number, on: number, edge: string | null): number {
  const before = edge === "bottom" ? on + 1 : on;
  return from < before ? before - 1 : before;
}
