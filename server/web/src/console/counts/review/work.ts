/** What a count is worked with. */

import type { CountItem } from "../../api/schema";
import type { Desk } from "../desk";
import type { SheetRows } from "../sheet/rows";

export interface Work {
  readonly desk: Desk;
  readonly rows: SheetRows;
  readonly item: CountItem;
}
