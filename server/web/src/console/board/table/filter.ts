/** Which SKUs of the room the board shows. */

import type { Facts } from "../facts";

/** One of these leaves the others out. */
export const ONLY = ["alerts", "waiting", "on_air"] as const;
export type Only = (typeof ONLY)[number];

export interface Filter {
  /** Each of its words is in the title, the SKU, or is how the link number begins. */
  readonly text: string;
  readonly only: readonly Only[];
}

export const ALL: Filter = { text: "", only: [] };

const ONLY_OF: Readonly<Record<Only, (facts: Facts, sku: string) => boolean>> = {
  alerts: (facts, sku) => facts.alerts(sku) !== undefined,
  waiting: (facts, sku) => facts.waiting(sku) > 0,
  on_air: (facts, sku) => facts.isOnAir(sku),
};

/** As people type: full-width digits of a Chinese keyboard are digits, capitals are letters. */
function plain(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

/** Whether a SKU is shown. */
export function matches(facts: Facts, sku: string, { text, only }: Filter): boolean {
  if (!only.every((each) => ONLY_OF[each](facts, sku))) return false;
  const words = plain(text).split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const shown = facts.shown(sku);
  const link = shown?.link == null ? "" : String(shown.link);
  const names = [plain(shown?.title ?? ""), plain(sku)];
  return words.every(
    (word) => link.startsWith(word.replace(/^(no\.?|#)/, "")) || names.some((name) => name.includes(word)),
  );
}
