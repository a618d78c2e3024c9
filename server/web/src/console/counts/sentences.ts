/** Counts in words: what one is for, what it is of, how far it is and what it waits for. */

import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import type { CountItem } from "../api/schema";

/** What it is for and of: "Before the show: zone A1"; a draft says the move that it stands for. */
export function titleOf(item: CountItem): string {
  return t("counts.name", { kind: t(`counts.kind.${item.kind}`), of: ofText(item) });
}

/** What it was opened for. */
export function ofText({ room, zone, category, rows }: CountItem): string {
  if (room) return t("counts.of.room", { name: room });
  if (zone) return t("counts.of.zone", { name: zone });
  if (category) return t("counts.of.category", { name: category });
  return t("counts.of.skus", { count: rows, shown: count(rows) });
}

/** How far it is: "12 of 40 counted". */
export function progressText({ counted_rows, rows }: CountItem): string {
  return t("counts.progress", { done: count(counted_rows), of: count(rows) });
}

/** Whether it is over: it was applied, or nothing comes of it. */
export function isOver({ state }: Pick<CountItem, "state">): boolean {
  return state === "applied" || state === "cancelled";
}

/** What it waits for, each in a few words; none where it is over. What somebody who only counts is not told is left out. */
export function waitsFor(item: CountItem): readonly string[] {
  if (isOver(item)) return [];
  const { state, rows, counted_rows, open_rows, asking, recounts, unreasoned, signatures, signatures_needed } = item;
  if (state === "opening") return [t("counts.wait.opening")];
  if (state === "applying") return [t("counts.wait.applying")];
  const waits: string[] = [];
  const add = (key: string, n: number) => {
    if (n > 0) waits.push(t(`counts.wait.${key}`, { count: n, shown: count(n) }));
  };
  if (state === "counting") {
    add("left", rows - counted_rows);
    add("open", open_rows);
  }
  add("asking", asking);
  if (state === "review") {
    add("recounts", recounts ?? 0);
    add("unreasoned", unreasoned ?? 0);
    // Whoever only counts is not told more.
    if (recounts === null) return [...waits, t("counts.wait.review")];
    if (waits.length === 0 && signatures_needed !== null) add("signatures", signatures_needed - signatures.length);
  }
  // A sheet that has nothing on it yet waits for its SKUs.
  if (state === "counting" && rows === 0) return waits;
  if (waits.length === 0) waits.push(t(state === "counting" ? "counts.wait.close" : "counts.wait.apply"));
  return waits;
}

/** Who has signed it, one after the other; "" where nobody has. */
export function signedText({ signatures }: CountItem): string {
  if (signatures.length === 0) return "";
  return t("counts.signed", { who: signatures.map(({ by }) => by).join(t("counts.list.between")) });
}

/** What somebody found: bad ones are named where there are any. */
export function foundText({ good, bad }: { readonly good: number; readonly bad: number }): string {
  return t(bad > 0 ? "counts.found" : "counts.found.good", { good: count(good), bad: count(bad) });
}

/** The kinds of goods movements that a question is about; any other is told by whether it left or came. */
const MOVED = ["ship", "receive", "return", "write_off", "external", "count", "undo"];

interface Moved {
  readonly kind: string;
  readonly units: number;
  readonly reference: string;
  readonly entries: number;
}

/** A key that a program has made: nobody knows it from a paper. */
const MADE = /^[0-9a-f-]{16,}$/;

/** What left or came while a SKU was counted, and the question that it makes. `at` is the time as text. */
export function questionText({ kind, units, entries, ...moved }: Moved, at: string): string {
  const reference = MADE.test(moved.reference) ? "" : moved.reference;
  const way = units < 0 ? "left" : "came";
  const known = MOVED.includes(kind) && entries === 1 ? kind : entries > 1 ? "many" : "other";
  const key = `counts.question.${way}.${known}`;
  const n = Math.abs(units);
  const found = t(key, { count: n }) === key ? `counts.question.${way}.other` : key;
  const values = { count: n, shown: count(n), at, reference, entries: count(entries) };
  return t(reference === "" || entries > 1 ? found : `${found}.named`, values);
}
