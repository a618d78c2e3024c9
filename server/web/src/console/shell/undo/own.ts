/** Which action Ctrl+Z takes back. Pure. */

import type { ActionItem } from "../../api/schema";

/** The user's own last action that can be taken back now, of those newest first; `asked` are those that are being taken
 * back already. An undo is not taken back by another: whoever presses twice means the action before. */
export function lastOwn(
  actions: readonly ActionItem[],
  user: string,
  asked: ReadonlySet<string> = new Set(),
): ActionItem | undefined {
  return actions.find(
    ({ actor, kind, id, undoable }) => undoable && kind !== "undo" && actor === user && !asked.has(id),
  );
}
