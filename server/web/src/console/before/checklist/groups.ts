/** Items that say the same of many articles, together: 2,000 articles that nobody has counted are one thing to do. */

import type { ChecklistItem } from "../../api/schema";

export interface Group {
  /** What tells it from the others. */
  readonly key: string;
  readonly level: ChecklistItem["level"];
  readonly check: string;
  readonly why: string;
  /** At least one. */
  readonly items: readonly ChecklistItem[];
}

/** The groups in the order in which their first items stand. */
export function groupsOf(items: readonly ChecklistItem[]): readonly Group[] {
  const found = new Map<string, ChecklistItem[]>();
  for (const item of items) {
    const key = `${item.level} ${item.check} ${item.why}`;
    const group = found.get(key);
    if (group === undefined) found.set(key, [item]);
    else group.push(item);
  }
  return [...found].map(([key, [first, ...rest]]) => {
    const { level, check, why } = first as ChecklistItem;
    return { key, level, check, why, items: [first as ChecklistItem, ...rest] };
  });
}

/** What tells an item from the others of its checklist. */
export function keyOf({ check, why, sku, link, detail }: ChecklistItem): string {
  return [check, why, sku ?? "", link ?? "", sku === null ? detail : ""].join("\n");
}

/** The items whose article's name, title or link number has what is typed in it. */
export function matching(typed: string, items: readonly ChecklistItem[]): readonly ChecklistItem[] {
  const text = typed.trim().toLowerCase();
  if (text === "") return items;
  return items.filter(
    ({ sku, title, link }) =>
      sku?.toLowerCase().includes(text) || title.toLowerCase().includes(text) || String(link ?? "") === text,
  );
}
