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
  /** As CSS grid has it: never by what is in it, so that no column changes its width under the eye. */
  readonly width: string;
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
    width: "2.75rem",
    align: "end",
    isUsual: true,
    isFixed: true,
    sorts: (facts, sku) => facts.shown(sku)?.link ?? undefined,
  },
  {
    id: "title",
    width: "minmax(13rem, 1fr)",
    isUsual: true,
    isFixed: true,
    sorts: (facts, sku) => facts.shown(sku)?.title || sku,
  },
  {
    id: "air",
    width: "3.5rem",
    align: "center",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => (facts.isOnAir(sku) ? 1 : 0),
  },
  {
    id: "available",
    width: "4.25rem",
    align: "end",
    isUsual: true,
    sorts: (facts, sku) => facts.shown(sku)?.available,
  },
  {
    id: "held",
    width: "4rem",
    align: "end",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => facts.shown(sku)?.held,
  },
  {
    id: "sold",
    width: "4rem",
    align: "end",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => facts.metric(sku)?.sold,
  },
  { id: "share", width: "7rem", isUsual: true, sorts: (facts, sku) => facts.metric(sku)?.share_left ?? undefined },
  {
    id: "eta",
    width: "6.25rem",
    align: "end",
    isUsual: true,
    sorts: (facts, sku) => facts.metric(sku)?.sold_out_in_minutes ?? undefined,
  },
  {
    id: "pace",
    width: "7rem",
    align: "end",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => facts.metric(sku)?.units_a_minute ?? undefined,
  },
  {
    id: "through",
    width: "4rem",
    align: "end",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => facts.metric(sku)?.sell_through,
  },
  {
    id: "reserve",
    width: "9rem",
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
    width: "5.5rem",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => {
      const units = facts.units(sku);
      return units && sum(units.channels.map(({ allocated }) => allocated));
    },
  },
  {
    id: "waiting",
    width: "4rem",
    align: "end",
    isUsual: true,
    largestFirst: true,
    sorts: (facts, sku) => facts.waiting(sku),
  },
  {
    id: "alerts",
    width: "4rem",
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
    width: "6rem",
    align: "end",
    isUsual: false,
    largestFirst: true,
    sorts: (facts, sku) => facts.shown(sku)?.price_minor,
  },
  { id: "category", width: "8rem", isUsual: false, sorts: (facts, sku) => facts.terms(sku)?.category || undefined },
  {
    id: "held_by",
    width: "9rem",
    isUsual: false,
    largestFirst: true,
    sorts: (facts, sku) => {
      const units = facts.units(sku);
      return units && sum(units.channels.map(({ held }) => held));
    },
  },
  {
    id: "unsellable",
    width: "5rem",
    align: "end",
    isUsual: false,
    largestFirst: true,
    sorts: (facts, sku) => facts.units(sku)?.unsellable,
  },
  {
    id: "presale",
    width: "5rem",
    align: "end",
    isUsual: false,
    largestFirst: true,
    sorts: (facts, sku) => facts.units(sku)?.presale,
  },
  { id: "pool", width: "5rem", align: "end", isUsual: false, sorts: (facts, sku) => facts.units(sku)?.pool },
  {
    id: "pool_sold",
    width: "5rem",
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
