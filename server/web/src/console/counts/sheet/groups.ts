/** The SKUs of a sheet by what is to be done with them, for one person. */

import type { CountRowItem } from "../../api/schema";
import { isTyped } from "./drafts";
import type { Entering } from "./entering";

export interface Groups {
  /** Goods moved while one counted them: how many are in one's figures? */
  readonly asking: readonly CountRowItem[];
  /** Something is typed and not saved. */
  readonly unsaved: readonly CountRowItem[];
  /** To be counted, in the order that one walks in. */
  readonly left: readonly CountRowItem[];
  /** To be counted again, by somebody else. */
  readonly others: readonly CountRowItem[];
  /** One has counted it, or others have. */
  readonly done: readonly CountRowItem[];
}

type Seen = Pick<Entering, "ownOf" | "drafts">;

export function groupsOf(rows: readonly CountRowItem[], entering: Seen): Groups {
  const drafts = entering.drafts.value.value;
  const groups = { asking: [], unsaved: [], left: [], others: [], done: [] } as {
    [K in keyof Groups]: CountRowItem[];
  };
  for (const row of rows) {
    const draft = drafts.get(row.sku);
    if (row.questions.some(({ included }) => included === null)) groups.asking.push(row);
    if (draft !== undefined && isTyped(draft)) groups.unsaved.push(row);
    else if (isLeft(row, entering)) {
      if (row.may_count) groups.left.push(row);
      // One that nobody has counted by the end of the counting is nobody's any more.
      else if (row.status !== "uncounted") groups.others.push(row);
    } else if (isCounted(row, entering)) groups.done.push(row);
  }
  groups.left.sort(asOneWalks);
  return groups;
}

/** Whether a line of it is still to come. */
function isLeft(row: CountRowItem, entering: Seen): boolean {
  if (row.status === "uncounted" || row.status === "recount") return true;
  return row.status === "counting" && !isCounted(row, entering);
}

function isCounted(row: CountRowItem, entering: Seen): boolean {
  return row.status !== "uncounted" && (row.status !== "counting" || entering.ownOf(row).some(({ open }) => !open));
}

/** By place in the warehouse, then by title. */
function asOneWalks(a: CountRowItem, b: CountRowItem): number {
  return a.shelf_zone.localeCompare(b.shelf_zone) || (a.title || a.sku).localeCompare(b.title || b.sku);
}
