/** The last hour of a show, minute by minute, as the server keeps it. Pure, and bounded in time. */

import type { Series } from "../../api/schema";

export const MINUTE_MS = 60_000;
/** So many minutes are kept: what a chart shows. */
export const KEPT = 60;

/** One SKU at the end of a minute, in units. */
export interface SkuMinute {
  readonly minuteMs: number;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
  /** Since the show began, less what was given back. */
  readonly taken: number;
}

export interface ShowMinute {
  readonly minuteMs: number;
  readonly viewers: number;
  /** Since the show began. */
  readonly paid: number;
  readonly refused: number;
}

/** Of a SKU those minutes in which it changed: in the others it was as before. */
export class Minutes {
  readonly #skus = new Map<string, SkuMinute[]>();
  #show: ShowMinute[] = [];
  #all: number[] | null = null;

  get show(): readonly ShowMinute[] {
    return this.#show;
  }

  sku(sku: string): readonly SkuMinute[] {
    return this.#skus.get(sku) ?? [];
  }

  /** The last minute that is known; 0 before the first. */
  get lastMs(): number {
    return this.#show.at(-1)?.minuteMs ?? 0;
  }

  /** Take over a page of the series; a minute that is known already is taken anew. */
  take({ skus, minutes }: Pick<Series, "skus" | "minutes">): void {
    this.#all = null;
    for (const [minuteMs, sku, available, held, sold, taken] of skus) {
      const kept = this.#skus.get(sku);
      const row = { minuteMs, available, held, sold, taken };
      if (kept === undefined) this.#skus.set(sku, [row]);
      else put(kept, row);
    }
    for (const { minute_ms: minuteMs, viewers, paid, refused } of minutes) {
      const all = Object.values(refused).reduce((sum, each) => sum + each, 0);
      put(this.#show, { minuteMs, viewers, paid, refused: all });
    }
    this.#forget(this.lastMs - KEPT * MINUTE_MS);
  }

  /** Units that were taken of a SKU in each of the last minutes until `lastMs`, the oldest first. */
  taken(sku: string, lastMs: number, minutes: number): number[] {
    const found = new Array<number>(minutes).fill(0);
    let before: SkuMinute | undefined;
    for (const row of this.sku(sku)) {
      const place = minutes - 1 - Math.round((lastMs - row.minuteMs) / MINUTE_MS);
      // Of the first that is known nobody knows what was before it.
      if (before && place >= 0 && place < minutes) found[place] = row.taken - before.taken;
      before = row;
    }
    return found;
  }

  /** What was taken of all SKUs in each of the last KEPT minutes. Worked out once for what is known. */
  takenOfAll(): readonly number[] {
    this.#all ??= [...this.#skus.keys()].reduce((all, sku) => {
      const own = this.taken(sku, this.lastMs, KEPT);
      return all.map((units, place) => units + (own[place] ?? 0));
    }, new Array<number>(KEPT).fill(0));
    return this.#all;
  }

  #forget(beforeMs: number): void {
    this.#show = this.#show.filter(({ minuteMs }) => minuteMs > beforeMs);
    for (const [sku, kept] of this.#skus) {
      // The last one before stays: it says what it was when the hour began.
      const first = kept.findLastIndex(({ minuteMs }) => minuteMs <= beforeMs);
      if (first > 0) this.#skus.set(sku, kept.slice(first));
    }
  }
}

/** Into its place among rows that are in the order of time; most often it is the last. */
function put<T extends { readonly minuteMs: number }>(kept: T[], row: T): void {
  const before = kept.findLastIndex(({ minuteMs }) => minuteMs <= row.minuteMs);
  const isKnown = kept[before]?.minuteMs === row.minuteMs;
  kept.splice(isKnown ? before : before + 1, isKnown ? 1 : 0, row);
}
