import type { SkuView } from "@shelfcast/client";
import { describe, expect, it } from "vitest";
import { type Circumstances, mostOf, mostToWait, type Obstacle, offerOf, QTY_MAX, quantity } from "./offer";

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
const LIVE: Circumstances = {
  status: "live",
  reach: "live",
  known: true,
  mine: 0,
  nowMs: 1_000_000,
  waitlist: false,
  lack: null,
};

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

describe("where who is too late may wait", () => {
  const HERE: Circumstances = { ...LIVE, waitlist: true };
  const gone: SkuView = { ...MUG, available: 0, held: 0, level: "sold_out" };

  it.each([
    ["sold_out", gone],
    ["all_held", { ...gone, held: 3, level: "all_held" }],
  ] as const)("there is a place on the list of what is %s", (because, view) => {
    expect(offerOf(view, HERE)).toEqual({ kind: "wait", because, later: false });
    expect(offerOf(view, { ...HERE, reach: "waiting" })).toEqual({ kind: "wait", because, later: true });
  });

  it("it still says when the next batch opens", () => {
    const offer = offerOf({ ...gone, next_batch_at_ms: 1_060_000 }, HERE);
    expect(offer).toEqual({ kind: "wait", because: "sold_out", later: false, nextBatchAtMs: 1_060_000 });
  });

  it("there is one too where the server has refused a wish and no count has said so yet", () => {
    expect(offerOf(MUG, { ...HERE, lack: "all_held" })).toEqual({ kind: "wait", because: "all_held", later: false });
    expect(offerOf(MUG, { ...LIVE, lack: "all_held" })).toEqual({ kind: "open", later: false });
  });

  const none: [string, SkuView, Partial<Circumstances>, Obstacle][] = [
    ["sales are stopped", { ...gone, level: "frozen" }, {}, "frozen"],
    ["the show is paused", gone, { status: "paused" }, "room_paused"],
    ["the show is over", gone, { status: "ended" }, "room_ended"],
    ["nobody knows who it is", gone, { known: false }, "sign_in"],
    ["the viewer has all that one customer may", gone, { mine: 2 }, "limit"],
  ];
  it.each(none)("there is none while %s", (_name, view, now, because) => {
    expect(offerOf(view, { ...HERE, ...now })).toEqual({ kind: "none", because });
  });

  it("the quantity is bounded by the limit of one customer and by the page, and by no count", () => {
    expect(mostToWait(MUG, 1)).toBe(1);
    expect(mostToWait({ limit_per_user: null }, 3)).toBe(QTY_MAX);
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
