/**
 * How full the bar is: what is free, and what stands in checkouts, as shares of what there was to sell in the show. The
 * server says how much that was, with its metrics, to a host's link alone; between two of them the counts go on.
 */

import type { SkuView } from "@shelfcast/client";
import type { MetricRow } from "@shelfcast/client/backstage";

export interface Shares {
  /** 0 to 1. */
  readonly free: number;
  /** 0 to 1; with `free` never above 1. */
  readonly held: number;
}

/** The bar of a product; null where it is not known what was offered, or nothing was. */
export function shares(
  { available, held }: Pick<SkuView, "available" | "held">,
  row: Pick<MetricRow, "offered"> | undefined,
): Shares | null {
  const offered = row?.offered ?? 0;
  if (offered <= 0) return null;
  const free = Math.min(1, available / offered);
  return { free, held: Math.min(1 - free, held / offered) };
}
