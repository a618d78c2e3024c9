/** The columns of the board: what each is called by, sorts by, and how wide it is. Their cells are in `cells.tsx`. */

import type { Facts } from "../facts";

export type ColumnId =
  | "link"
  | "title"
  | "air"
  | "available"
  | "held"
  | "sold"
  | "share"
  | "eta"
  | "pace"
  | "through"
  | "reserve"
  | "channels"
  | "waiting"
  | "alerts"
  | "price"
  | "category"
  | "held_by"
  | "unsellable"
  | "presale"
  | "pool"
  | "pool_sold";

export interface Column {
  readonly id: ColumnId;
  /** Its width in rem: never by what is in it, so that no column changes its width under the eye. */
  readonly rem: number;
  /** It takes what room is left over. */
  readonly isWide?: boolean;
  readonly align?: "end" | "center";
  /** Whether it is there unless somebody has chosen. */
  readonly isUsual: boolean;
  /** It stays at the left edge, and is always there. */
  readonly isFixed?: boolean;
  /** The largest first, when it is first sorted by. */
  readonly largestFirst?: boolean;
  /** What rows are sorted by; undefined comes last either way. */
  readonly sorts: (facts: Facts, sku: string) => number | string | undefined;
}

const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);

export const COLUMNS: readonly Column[] = [
  {
    id: "link",
    rem: 2.5,
    align: "end",
    isUsual: true,
    isFixed: true,
    sorts: (facts, sku) => facts.shown(sku)?.link ?? undefined,
  },
  {
    id: "title",
    rem: 10.5,
    isWide: true,
    isUsual: true,
    isFixed: true,
    sorts: (facts, sku) => facts.shown(sku)?.title || sku,
  },
  {
    id: "air",
    rem: 3.25,
    align: "center",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => (facts.isOnAir(sku) ? 1 : 0),
  },
  {
    id: "available",
    rem: 3.5,
    align: "end",
    isUsual: true,
    sorts: (facts, sku) => facts.available(sku),
  },
  {
    id: "held",
    rem: 3.5,
    align: "end",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => facts.shown(sku)?.held,
  },
  {
    id: "sold",
    rem: 3.5,
    align: "end",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => facts.metric(sku)?.sold,
  },
  { id: "share", rem: 6.25, isUsual: true, sorts: (facts, sku) => facts.metric(sku)?.share_left ?? undefined },
  {
    id: "eta",
    rem: 4.75,
    align: "end",
    isUsual: true,
    sorts: (facts, sku) => facts.metric(sku)?.sold_out_in_minutes ?? undefined,
  },
  {
    id: "pace",
    rem: 6,
    align: "end",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => facts.metric(sku)?.units_a_minute ?? undefined,
  },
  {
    id: "through",
    rem: 3.75,
    align: "end",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => facts.metric(sku)?.sell_through,
  },
  {
    id: "reserve",
    rem: 8,
    align: "end",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => {
      const units = facts.units(sku);
      return units && units.safety + units.elastic + units.locked;
    },
  },
  {
    id: "channels",
    rem: 4.75,
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => {
      const units = facts.units(sku);
      return units && sum(units.channels.map(({ allocated }) => allocated));
    },
  },
  {
    id: "waiting",
    rem: 3.25,
    align: "end",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => facts.waiting(sku),
  },
  {
    id: "alerts",
    rem: 3.5,
    align: "center",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => {
      const alerts = facts.alerts(sku);
      return alerts === undefined ? 0 : alerts.ringing * 1_000 + alerts.grave * 100 + alerts.count;
    },
  },
  {
    id: "price",
    rem: 5.5,
    align: "end",
    isUsual: false,
    largestFirst: true,
    sorts: (facts, sku) => facts.shown(sku)?.price_minor,
  },
  { id: "category", rem: 7, isUsual: false, sorts: (facts, sku) => facts.terms(sku)?.category || undefined },
  {
    id: "held_by",
    rem: 8,
    isUsual: false,
    largestFirst: true,
    sorts: (facts, sku) => {
      const units = facts.units(sku);
      return units && sum(units.channels.map(({ held }) => held));
    },
  },
  {
    id: "unsellable",
    rem: 4.5,
    align: "end",
    isUsual: false,
    largestFirst: true,
    sorts: (facts, sku) => facts.units(sku)?.unsellable,
  },
  {
    id: "presale",
    rem: 4.25,
    align: "end",
    isUsual: false,
    largestFirst: true,
    sorts: (facts, sku) => facts.units(sku)?.presale,
  },
  { id: "pool", rem: 4, align: "end", isUsual: false, sorts: (facts, sku) => facts.units(sku)?.pool },
  {
    id: "pool_sold",
    rem: 4.25,
    align: "end",
    isUsual: false,
    largestFirst: true,
    sorts: (facts, sku) => {
      const units = facts.units(sku);
      return units && sum(units.channels.map(({ sold }) => sold));
    },
  },
];

export const COLUMN: ReadonlyMap<string, Column> = new Map(COLUMNS.map((column) => [column.id, column]));

/** The columns as CSS grid has them. */
export function template(columns: readonly Column[]): string {
  return columns.map(({ rem, isWide }) => (isWide ? `minmax(${rem}rem, 1fr)` : `${rem}rem`)).join(" ");
}

/** What they need at least, in rem. */
export function leastRem(columns: readonly Column[]): number {
  return columns.reduce((sum, { rem }) => sum + rem, 0);
}
