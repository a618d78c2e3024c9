import { describe, expect, test } from "vitest";
import { COUNTED_DOWN_MS } from "../shared/format";
import { offerOf, onOffer } from "./offer";

const terms = (
  available: number,
  level: string,
  opens: number | null = null,
  closes: number | null = null,
  nextBatch: number | null = null,
) =>
  ({
    available,
    held: 0,
    level,
    opens_at_ms: opens,
    closes_at_ms: closes,
    next_batch_at_ms: nextBatch,
  }) as Parameters<typeof offerOf>[0];

describe("what is said of a product", () => {
  test("the count, and that they are the last", () => {
    expect(offerOf(terms(30, "ok"), "live", 0)).toEqual({ kind: "left", left: 30 });
    expect(offerOf(terms(5, "last"), "live", 0)).toEqual({ kind: "last", left: 5 });
  });

  test("what is in stock before the show, and none of it as the last", () => {
    for (const level of ["ok", "low", "last"])
      expect(offerOf(terms(3, level), "scheduled", 0)).toEqual({ kind: "in_stock", left: 3 });
    expect(offerOf(terms(0, "sold_out"), "scheduled", 0)).toEqual({ kind: "sold_out" });
    expect(offerOf(terms(3, "last", 10_000), "scheduled", 4_000)).toEqual({ kind: "opens", inMs: 6_000 });
  });

  test("the count alone for a level that is not known here", () => {
    expect(offerOf(terms(12, "scarce"), "live", 0)).toEqual({ kind: "left", left: 12 });
  });

  test("none free, but some may come back, is not sold out", () => {
    expect(offerOf(terms(0, "all_held"), "live", 0)).toEqual({ kind: "all_held" });
    expect(offerOf(terms(0, "sold_out"), "live", 0)).toEqual({ kind: "sold_out" });
  });

  test("that another batch comes, while there is a sale to wait for", () => {
    expect(offerOf(terms(0, "sold_out", null, null, 10_000), "live", 0)).toEqual({ kind: "next_batch", atMs: 10_000 });
    expect(offerOf(terms(0, "sold_out", null, null, 0), "live", 5)).toEqual({ kind: "next_batch", atMs: 0 });
    expect(offerOf(terms(0, "sold_out", null, 9_000, 10_000), "live", 0)).toEqual({ kind: "sold_out" });
    expect(offerOf(terms(0, "all_held", null, null, 10_000), "live", 0)).toEqual({ kind: "all_held" });
    expect(offerOf(terms(3, "last", null, null, 10_000), "live", 0)).toEqual({ kind: "last", left: 3 });
  });

  test("when the sale opens, until it does", () => {
    expect(offerOf(terms(30, "ok", 10_000), "live", 4_000)).toEqual({ kind: "opens", inMs: 6_000 });
    expect(offerOf(terms(30, "ok", 10_000), "live", 10_000)).toEqual({ kind: "left", left: 30 });
  });

  test("on which day it opens, where that is more than a day away", () => {
    const atMs = 10_000 + COUNTED_DOWN_MS;
    expect(offerOf(terms(30, "ok", atMs), "live", 9_999)).toEqual({ kind: "opens_at", atMs });
    expect(offerOf(terms(30, "ok", atMs), "live", 10_000)).toEqual({ kind: "opens", inMs: COUNTED_DOWN_MS });
  });

  test("that the sale is over from the moment it closes", () => {
    expect(offerOf(terms(30, "ok", null, 10_000), "live", 9_999)).toEqual({ kind: "left", left: 30 });
    expect(offerOf(terms(30, "ok", null, 10_000), "live", 10_000)).toEqual({ kind: "over" });
  });

  test("that the operator has stopped it, or the room", () => {
    expect(offerOf(terms(30, "frozen"), "live", 0)).toEqual({ kind: "frozen" });
    expect(offerOf(terms(30, "ok"), "paused", 0)).toEqual({ kind: "paused" });
    expect(offerOf(terms(0, "sold_out"), "paused", 0)).toEqual({ kind: "sold_out" });
  });
});

test("nothing is on offer after the show", () => {
  expect(onOffer("live")).toBe(true);
  expect(onOffer("scheduled")).toBe(true);
  expect(onOffer("ended")).toBe(false);
});
