/** Finding a SKU on a sheet: by what a scanner types, by its name, its title or the number that hosts call it by. */

import type { CountRowItem } from "../../api/schema";

export type Findable = Pick<CountRowItem, "sku" | "title" | "barcode" | "shelf_zone">;

const FULL_WIDTH = /[\uff01-\uff5e]/g;
const FULL_WIDTH_STEP = 0xfee0;
/** Shorter ones may stand at the end of a number that somebody types. */
const BARCODE_MIN = 6;

/** As it is compared: signs of a Chinese keyboard are those of any other, and case tells nothing apart. */
export function plain(text: string): string {
  return text
    .replace(FULL_WIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - FULL_WIDTH_STEP))
    .trim()
    .toLowerCase();
}

/** The row that is meant by exactly this: its barcode, its SKU, its link number, a title that only it has, or the only one
 * that has it in its name at all; null where none is, or several are. */
export function meant<R extends Findable>(
  text: string,
  rows: readonly R[],
  linkOf: (sku: string) => number | null,
): R | null {
  const typed = plain(text);
  if (typed === "") return null;
  const ways: readonly ((row: R) => boolean)[] = [
    (row) => plain(row.barcode) === typed,
    (row) => plain(row.sku) === typed,
    (row) => String(linkOf(row.sku) ?? "") === typed,
    (row) => plain(row.title) === typed,
    (row) => has(row, typed),
  ];
  for (const way of ways) {
    const found = rows.filter(way);
    if (found.length === 1) return found[0] ?? null;
    if (found.length > 1) return null;
  }
  return null;
}

/** Those that have what is typed in them. */
export function found<R extends Findable>(
  text: string,
  rows: readonly R[],
  linkOf: (sku: string) => number | null,
): readonly R[] {
  const typed = plain(text);
  if (typed === "") return rows;
  return rows.filter((row) => has(row, typed) || String(linkOf(row.sku) ?? "") === typed);
}

function has({ sku, title, barcode, shelf_zone }: Findable, typed: string): boolean {
  return [sku, title, barcode, shelf_zone].some((each) => plain(each).includes(typed));
}

/** A barcode that was scanned into a field of units, and what had been typed before it; null where none was. */
export function scanned<R extends Findable>(text: string, rows: readonly R[]): { row: R; before: string } | null {
  const typed = plain(text);
  for (const row of rows) {
    const barcode = plain(row.barcode);
    if (barcode.length >= BARCODE_MIN && typed.endsWith(barcode)) {
      return { row, before: typed.slice(0, typed.length - barcode.length) };
    }
  }
  return null;
}
