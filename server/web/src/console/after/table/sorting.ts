/** Which rows of a table are shown, and in which order. Pure. */

/** What a cell is sorted by; null where there is nothing, which stands last either way. */
export type Value = number | string | null;

export interface Sorting {
  readonly id: string;
  readonly desc: boolean;
}

/** Titles are sorted as their readers expect: 链接 2 before 链接 10. */
const collator = new Intl.Collator(undefined, { numeric: true });

/** The rows by a value of each; those that are equal keep their order. */
export function sorted<R>(rows: readonly R[], keyOf: (row: R) => Value, desc: boolean): readonly R[] {
  const keyed = rows.map((row) => ({ row, value: keyOf(row) }));
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
    const order =
      typeof a.value === "number" && typeof b.value === "number"
        ? a.value - b.value
        : collator.compare(String(a.value), String(b.value));
    return desc ? -order : order;
  });
  return keyed.map(({ row }) => row);
}

/** Text as it is searched: signs of a Chinese keyboard are as good, and so are capitals. */
export function plain(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

/** The rows whose text has each of the words that were typed. */
export function having<R>(rows: readonly R[], textOf: (row: R) => string, typed: string): readonly R[] {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = plain(textOf(row));
    return words.every((word) => text.includes(word));
  });
}
