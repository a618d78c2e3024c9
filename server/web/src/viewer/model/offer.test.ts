import type { SkuView } from "@shelfcast/client";
import { describe, expect, it } from "vitest";
import { type Circumstances, mostOf, type Obstacle, offerOf, QTY_MAX, quantity } from "./offer";

const MUG: SkuView = {
  sku: "MUG-01",
  title: "Mug",
  price_minor: 4990,
  currency: "CNY",
  available: 30,
  held: 4,
  level: "ok",
  limit_per_user: 2,
  opens_at_ms: null,
  closes_at_ms: null,
  link: null,
  image_url: null,
  next_batch_at_ms: null,
  waiting: 0,
};
const LIVE: Circumstances = { status: "live", reach: "live", known: true, mine: 0, nowMs: 1_000_000 };

describe("what a viewer may do with a SKU", () => {
  it("is open while units are there", () => {
    expect(offerOf(MUG, LIVE)).toEqual({ kind: "open", later: false });
  });

  it("is open for later while the connection is being mended", () => {
    expect(offerOf(MUG, { ...LIVE, reach: "waiting" })).toEqual({ kind: "open", later: true });
  });

  it("opens at its moment, not a millisecond before", () => {
    const sale = { ...MUG, opens_at_ms: 1_000_012 };
    expect(offerOf(sale, { ...LIVE, nowMs: 1_000_011 })).toEqual({ kind: "opens", atMs: 1_000_012 });
    expect(offerOf(sale, { ...LIVE, nowMs: 1_000_012 })).toEqual({ kind: "open", later: false });
  });

  const obstacles: [string, Partial<SkuView>, Partial<Circumstances>, Obstacle][] = [
    ["closed page", {}, { reach: "closed" }, "closed"],
    ["no connection for long", {}, { reach: "away" }, "away"],
    ["nobody who could hold units", {}, { known: false }, "sign_in"],
    ["show not begun", {}, { status: "scheduled" }, "room_scheduled"],
    ["show paused", {}, { status: "paused" }, "room_paused"],
    ["show over", {}, { status: "ended" }, "room_ended"],
    ["sale over", { closes_at_ms: 1_000_000 }, {}, "sale_ended"],
    ["stopped by the operator", { level: "frozen" }, {}, "frozen"],
    ["none left", { available: 0, held: 0, level: "sold_out" }, {}, "sold_out"],
    ["all in checkouts", { available: 0, held: 3, level: "all_held" }, {}, "all_held"],
    ["all that one customer may have", {}, { mine: 2 }, "limit"],
    ["an end that no sign-in mends is named first", {}, { status: "ended", known: false }, "room_ended"],
  ];
  it.each(obstacles)("%s", (_name, view, now, because) => {
    expect(offerOf({ ...MUG, ...view }, { ...LIVE, ...now })).toEqual({ kind: "none", because });
  });

  it("says of what is sold out when the next batch opens", () => {
    const gone = { ...MUG, available: 0, held: 0, level: "sold_out", next_batch_at_ms: 1_060_000 };
    expect(offerOf(gone, LIVE)).toEqual({ kind: "none", because: "sold_out", nextBatchAtMs: 1_060_000 });
    expect(offerOf(gone, { ...LIVE, status: "ended" })).toEqual({ kind: "none", because: "room_ended" });
  });
});

describe("the quantity", () => {
  it("keeps within the limit of one customer, the units that are left, and the page's own bound", () => {
    expect(mostOf(MUG, 1)).toBe(1);
    expect(mostOf({ ...MUG, limit_per_user: null }, 0)).toBe(30);
    expect(mostOf({ ...MUG, limit_per_user: null, available: 5_000 }, 3)).toBe(QTY_MAX);
  });

  it("follows a count that falls below what was chosen, and is never less than one", () => {
    expect(quantity(5, 3)).toBe(3);
    expect(quantity(2, 3)).toBe(2);
    expect(quantity(2, 0)).toBe(1);
  });
});
