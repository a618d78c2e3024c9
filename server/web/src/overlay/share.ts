/**
 * How full the bar is: what is free, and what stands in checkouts, as shares of all there was.
 *
 * A host's link is sent sold, held and remaining, and the bar is the server's own formula (remaining ÷ (sold + held +
 * remaining)). A viewer's is not told what was sold. The best it can know of the whole is the most it has seen, free and
 * in checkouts together, and what a level says by itself: `low` means at most a fifth, so there were at least five times
 * as many; `ok` means more than a fifth, so there were fewer, and what was seen before a count was corrected is forgotten.
 * What is not known makes the bar too full rather than a product look scarcer than it is.
 */

import type { MetricRow, SkuView } from "@shelfcast/client";

export interface Shares {
  /** 0 to 1. */
  readonly free: number;
  /** 0 to 1; with `free` never above 1. */
  readonly held: number;
}

/** The largest share a level leaves room for. `last` may also mean the listing's last-N number: it says nothing. */
const SHARE_AT_MOST: Partial<Record<string, number>> = { low: 0.2, lower: 0.1 };
/** The share that `ok` is above. */
const OK_ABOVE = 0.2;
/** More products than any shelf is shown of; the ones seen longest ago are forgotten first. */
const SKUS_MAX = 2_000;

type Counts = Pick<SkuView, "sku" | "available" | "held" | "level">;

/** The most that there can have been of each product, by what was seen since this page was opened. */
export class MostSeen {
  readonly #most = new Map<string, number>();

  /** Take these counts; returns the least that there must have been of the product. */
  see(counts: Counts): number {
    const possible = counts.level === "ok" ? counts.available / OK_ABOVE : Number.POSITIVE_INFINITY;
    const known = Math.min(this.#most.get(counts.sku) ?? 0, possible);
    const most = Math.max(known, counts.available + counts.held, impliedBy(counts));
    this.#most.delete(counts.sku);
    this.#most.set(counts.sku, most);
    if (this.#most.size > SKUS_MAX) this.#forgetOldest();
    return most;
  }

  get size(): number {
    return this.#most.size;
  }

  #forgetOldest(): void {
    for (const sku of this.#most.keys()) {
      this.#most.delete(sku);
      return;
    }
  }
}

function impliedBy({ available, level }: Counts): number {
  const atMost = SHARE_AT_MOST[level];
  return atMost === undefined ? 0 : available / atMost;
}

/** The bar of a product of which there were `whole` units, as far as is known. */
export function shares({ available, held }: Pick<SkuView, "available" | "held">, whole: number): Shares {
  if (whole <= 0) return { free: 0, held: 0 };
  const free = Math.min(1, available / whole);
  return { free, held: Math.min(1 - free, held / whole) };
}

/** All there was of a product, by the server's own figures. */
export function wholeOf(row: Pick<MetricRow, "remaining" | "held" | "sold">): number {
  return row.remaining + row.held + row.sold;
}
