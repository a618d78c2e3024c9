/** What a supplier has announced, as somebody types or pastes it: a SKU and its units each line. */

import { t } from "../../../shared/i18n";
import { unitsOf } from "../form/units";
import { pickedOf } from "../make/picked";

interface Known {
  readonly sku: string;
  readonly title: string;
  readonly barcode: string;
}

interface Announced {
  readonly lines: readonly { readonly sku: string; readonly units: number }[];
  /** What is wrong with it; "" where nothing is. */
  readonly fault: string;
}

/** The units stand last on the line, behind a space, a comma or a tab. */
const LINE = /^(.*?)[\s,，:：×x*]+(\d[\d,，]*)$/;

export function announcedOf(text: string, known: readonly Known[]): Announced {
  const units = new Map<string, number>();
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line === "") continue;
    const [, name = "", number = ""] = LINE.exec(line) ?? [];
    const [sku] = pickedOf(name, known, []).skus;
    const n = unitsOf(number);
    if (name === "" || n === null || n === 0) return fault("counts.receipt.expected.form", line);
    if (sku === undefined) return fault("counts.make.unknown", name);
    units.set(sku, (units.get(sku) ?? 0) + n);
  }
  return { lines: [...units].map(([sku, n]) => ({ sku, units: n })), fault: "" };
}

function fault(key: string, what: string): Announced {
  return { lines: [], fault: t(key, { what }) };
}
