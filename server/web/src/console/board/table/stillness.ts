/** When rows of the board may move, and where a row stands until then. Pure: whoever calls brings the time. */

/** So long after the last hand has left the table it is sorted again, in ms. */
export const SETTLE_MS = 3_000;
/** It is sorted at most this often by itself, in ms. */
export const SORTED_EVERY_MS = 3_000;

/** What keeps the rows where they are. */
export type Hold = "pointer" | "focus" | "menu" | "edit";

export class Stillness {
  readonly #holds = new Set<Hold>();
  #leftMs = Number.NEGATIVE_INFINITY;
  #sortedMs = Number.NEGATIVE_INFINITY;

  /** Somebody is at the table: no row moves. */
  hold(by: Hold): void {
    this.#holds.add(by);
  }

  /** Somebody has left it. */
  release(by: Hold, nowMs: number): void {
    if (this.#holds.delete(by) && this.#holds.size === 0) this.#leftMs = nowMs;
  }

  get isHeld(): boolean {
    return this.#holds.size > 0;
  }

  /** Whether the rows may be sorted by themselves. */
  mayMove(nowMs: number): boolean {
    return !this.isHeld && nowMs - this.#leftMs >= SETTLE_MS && nowMs - this.#sortedMs >= SORTED_EVERY_MS;
  }

  /** They were sorted: by themselves, or because somebody asked for it. */
  sorted(nowMs: number): void {
    this.#sortedMs = nowMs;
  }

  /** How old the order is; null before the first. */
  ageMs(nowMs: number): number | null {
    return this.#sortedMs === Number.NEGATIVE_INFINITY ? null : Math.max(0, nowMs - this.#sortedMs);
  }
}

/** The rows as they stand, and behind them those that were not `seen` before and are wanted. One that is gone keeps its
 * place until the rows may move. */
export function withNewLast(
  rows: readonly string[],
  seen: ReadonlySet<string>,
  known: readonly string[],
  isWanted: (sku: string) => boolean,
): readonly string[] {
  const added = known.filter((sku) => !seen.has(sku) && isWanted(sku));
  return added.length === 0 ? rows : [...rows, ...added];
}

/** Sorted rows with those on top that must be seen: what is on air, then what an alert rings for, the gravest first. */
export function pinned(sorted: readonly string[], onAir: string | null, graveness: (sku: string) => number): string[] {
  const rank = (sku: string) => (sku === onAir ? Number.POSITIVE_INFINITY : graveness(sku));
  const top = sorted.filter((sku) => rank(sku) > 0);
  if (top.length === 0) return [...sorted];
  // Sorting keeps the order of those that are equal.
  top.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)));
  return [...top, ...sorted.filter((sku) => rank(sku) <= 0)];
}
