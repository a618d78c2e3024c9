/** What a count has found, the gravest first, and what applying it moves. Pure. */

import type { UnitsRow } from "@shelfcast/client/pool";
import type { CountRowItem } from "../../api/schema";

/** What of a row is worked with here. */
export type Difference = Pick<
  CountRowItem,
  "sku" | "status" | "counted" | "bad" | "unsellable" | "difference" | "write_off_from"
>;

/** Which rows are shown. */
export const SHOWN = ["differing", "waiting", "all"] as const;
export type Shown = (typeof SHOWN)[number];

const WAITS: readonly string[] = ["asks", "recount", "reason"];

/** Units that go into the unsellable ones (below zero: out of them): bad ones that were found, less those that are known. */
export function badMove({ counted, bad, unsellable }: Difference): number {
  return counted === null ? 0 : (bad ?? 0) - (unsellable ?? 0);
}

export function isShown(row: Difference, shown: Shown): boolean {
  if (shown === "all") return true;
  if (WAITS.includes(row.status)) return true;
  return shown === "differing" && ((row.difference ?? 0) !== 0 || badMove(row) !== 0);
}

/** The gravest first: by value, then by units, then by name. `priceOf` is in minor units; null where none is known. */
export function gravestFirst<R extends Difference>(
  rows: readonly R[],
  priceOf: (sku: string) => number | null,
): readonly R[] {
  const weight = (row: R) => Math.abs(row.difference ?? 0) * (priceOf(row.sku) ?? 0);
  const units = (row: R) => Math.abs(row.difference ?? 0) + Math.abs(badMove(row));
  return [...rows].sort(
    (a, b) => weight(b) - weight(a) || units(b) - units(a) || (a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : 0),
  );
}

/** Where units are lost from, in the order that the book takes them; those that were reserved or sold stay. */
export const PLACES = ["pool", "safety", "elastic", "batch", "channel"] as const;
export type Place = (typeof PLACES)[number];

/** What applying moves, in units. */
export interface Effect {
  /** SKUs of which something is moved. */
  readonly skus: number;
  /** Found, and brought into the pool. */
  readonly gained: number;
  readonly lost: Readonly<Record<Place, number>>;
  /** Missing, and not there to be taken: orders are short by so many. */
  readonly short: number;
  readonly toUnsellable: number;
  readonly fromUnsellable: number;
  /** What a write-off that became a draft takes, and from where. */
  readonly writtenOff: number;
}

/** What applying moves as the units lie now. */
export function effectOf(rows: readonly Difference[], unitsOf: (sku: string) => UnitsRow | undefined): Effect {
  const lost: Record<Place, number> = { pool: 0, safety: 0, elastic: 0, batch: 0, channel: 0 };
  const sum = { skus: 0, gained: 0, short: 0, toUnsellable: 0, fromUnsellable: 0, writtenOff: 0 };
  for (const row of rows) {
    if (row.counted === null && !row.write_off_from) continue;
    const difference = row.difference ?? 0;
    const bad = row.write_off_from ? 0 : badMove(row);
    if (difference === 0 && bad === 0) continue;
    sum.skus += 1;
    if (row.write_off_from) {
      sum.writtenOff += Math.abs(difference);
      continue;
    }
    const there = freeIn(unitsOf(row.sku));
    sum.gained += Math.max(0, difference);
    there.pool += Math.max(0, difference);
    let missing = Math.max(0, -difference);
    for (const place of PLACES) {
      const take = Math.min(missing, there[place]);
      lost[place] += take;
      there[place] -= take;
      missing -= take;
    }
    sum.short += missing;
    const sellable = PLACES.reduce((units, place) => units + there[place], 0);
    sum.toUnsellable += Math.min(Math.max(0, bad), sellable);
    sum.fromUnsellable += Math.min(Math.max(0, -bad), unitsOf(row.sku)?.unsellable ?? 0);
  }
  return { ...sum, lost };
}

function freeIn(units: UnitsRow | undefined): Record<Place, number> {
  const sum = (each: readonly number[] | undefined) => each?.reduce((all, n) => all + n, 0) ?? 0;
  return {
    pool: units?.pool ?? 0,
    safety: units?.safety ?? 0,
    elastic: units?.elastic ?? 0,
    batch: sum(units?.batches.map((each) => each.units)),
    channel: sum(units?.channels.map((each) => each.allocated)),
  };
}
