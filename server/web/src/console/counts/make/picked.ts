/** SKUs that somebody has typed or pasted: by name, barcode, title or link number. Pure. */

import { plain } from "../sheet/search";

interface Known {
  readonly sku: string;
  readonly title: string;
  readonly barcode: string;
}

interface Listed {
  readonly sku: string;
  readonly link: number | null;
}

export interface Picked {
  readonly skus: readonly string[];
  /** What is typed and is no SKU that is known. */
  readonly unknown: readonly string[];
}

const BETWEEN = /[\n,，;；、\t]+/;

/** What is typed, a SKU each line or between commas. */
export function pickedOf(text: string, known: readonly Known[], listed: readonly Listed[]): Picked {
  const byName = new Map<string, string>();
  // What is said first wins: a name before a barcode, a barcode before a title, a title before a number of the room.
  const add = (name: string, sku: string) => {
    const typed = plain(name);
    if (typed !== "" && !byName.has(typed)) byName.set(typed, sku);
  };
  for (const each of known) add(each.sku, each.sku);
  for (const each of known) add(each.barcode, each.sku);
  for (const each of known) add(each.title, each.sku);
  for (const each of listed) if (each.link !== null) add(String(each.link), each.sku);
  const skus = new Set<string>();
  const unknown: string[] = [];
  for (const word of text.split(BETWEEN)) {
    const typed = plain(word);
    if (typed === "") continue;
    const sku = byName.get(typed);
    if (sku === undefined) unknown.push(word.trim());
    else skus.add(sku);
  }
  return { skus: [...skus], unknown };
}
