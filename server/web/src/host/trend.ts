/** How the count of each product went over the last half hour, for the chart. Bounded in time, points and products. */

import type { Room } from "@shelfcast/client";

export const TREND_MS = 30 * 60_000;
/** Changes within one slot are one point: finer than a chart of this width can show. */
export const SLOT_MS = 5_000;
/** A point a slot, and the one before the window, where the line comes from. */
export const POINTS_MAX = TREND_MS / SLOT_MS + 2;

/** Times in seconds since 1970 and the units left from then on; null where nothing was known. */
export type Points = readonly [times: number[], left: (number | null)[]];

export class Trend {
  readonly #timesMs: number[] = [];
  readonly #left: (number | null)[] = [];
  #revision = 0;

  /** Another number after each change of its points. */
  get revision(): number {
    return this.#revision;
  }

  /** From `atMs` on there are `left` units, or nobody knows (null). */
  add(atMs: number, left: number | null): void {
    const last = this.#timesMs.length - 1;
    const lastMs = this.#timesMs[last];
    if (lastMs === undefined) {
      if (left !== null) this.#push(atMs, left);
    } else if (left !== this.#left[last]) {
      const slot = Math.floor(lastMs / SLOT_MS);
      this.#revision += 1;
      // A gap stays a gap: only counts of one slot are merged.
      if (left !== null && this.#left[last] !== null && Math.floor(atMs / SLOT_MS) <= slot) this.#left[last] = left;
      else this.#push(Math.max(atMs, lastMs), left);
    }
  }

  get size(): number {
    return this.#timesMs.length;
  }

  /** The last half hour until `nowMs`. */
  points(nowMs: number): Points {
    this.#forget(nowMs);
    const times: number[] = [];
    const left: (number | null)[] = [];
    const draw = (ms: number, units: number | null) => {
      times.push(ms / 1000);
      left.push(units);
    };
    this.#timesMs.forEach((ms, index) => {
      const units = this.#left[index] ?? null;
      const before = this.#left[index - 1] ?? null;
      // A line ends at its last count: up to the gap that count stood.
      if (units === null && before !== null) draw(ms, before);
      draw(units === null ? ms + 1 : ms, units);
    });
    const last = this.#timesMs.at(-1);
    if (last !== undefined && last + 1 < nowMs) draw(nowMs, this.#left.at(-1) ?? null);
    return [times, left];
  }

  #push(atMs: number, left: number | null): void {
    this.#timesMs.push(atMs);
    this.#left.push(left);
    this.#forget(atMs);
  }

  #forget(nowMs: number): void {
    while (this.#timesMs.length > POINTS_MAX || (this.#timesMs[1] ?? nowMs) < nowMs - TREND_MS) {
      this.#timesMs.shift();
      this.#left.shift();
    }
  }
}

type Shelf = Pick<Room, "current" | "stock" | "serverNowMs" | "ageMs">;

/** The trends of all products on the shelf: who comes back to one finds its half hour. */
export class Trends {
  readonly #trends = new Map<string, Trend>();

  of(sku: string): Trend | undefined {
    return this.#trends.get(sku);
  }

  get size(): number {
    return this.#trends.size;
  }

  /** Note the counts of these products; those that left the shelf are forgotten. */
  note(room: Shelf, skus: Iterable<string>): void {
    const nowMs = room.serverNowMs();
    for (const sku of skus) {
      const view = room.stock.get(sku);
      if (view === undefined) this.#trends.delete(sku);
      else this.#entry(sku).add(nowMs, view.available);
    }
  }

  /** As `note`, for everything on the shelf and nothing else. */
  noteAll(room: Shelf): void {
    for (const sku of this.#trends.keys()) if (!room.stock.has(sku)) this.#trends.delete(sku);
    this.note(room, room.stock.keys());
  }

  /** The counts are not live any more: a line drawn beyond what was last heard would be a guess. */
  lost(room: Shelf): void {
    const heardMs = room.serverNowMs() - room.ageMs();
    for (const trend of this.#trends.values()) trend.add(heardMs, null);
  }

  #entry(sku: string): Trend {
    let trend = this.#trends.get(sku);
    if (trend === undefined) {
      trend = new Trend();
      this.#trends.set(sku, trend);
    }
    return trend;
  }
}
