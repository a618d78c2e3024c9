import { describe, expect, test } from "vitest";
import { MostSeen, shares, wholeOf } from "./share";

const counts = (available: number, held = 0, level = "ok", sku = "TEA-001") => ({ sku, available, held, level });

describe("the most seen of a product", () => {
  test("only grows: free and in checkouts together", () => {
    const seen = new MostSeen();
    expect(seen.see(counts(40, 8))).toBe(48);
    expect(seen.see(counts(30, 2))).toBe(48);
    expect(seen.see(counts(60))).toBe(60);
  });

  test("begins from what a level says by itself, so a page opened late does not show a full bar", () => {
    const seen = new MostSeen();
    expect(shares(counts(10, 0, "low"), seen.see(counts(10, 0, "low")))).toEqual({ free: 0.2, held: 0 });
    expect(seen.see(counts(4, 0, "lower"))).toBe(50);
  });

  test("forgets what a correction has taken back: above a fifth there were fewer than five times as many", () => {
    const seen = new MostSeen();
    seen.see(counts(1_000));
    expect(seen.see(counts(100))).toBe(500);
    expect(seen.see(counts(100, 700))).toBe(800);
    expect(seen.see(counts(90, 10, "lower"))).toBe(900);
  });

  test("takes nothing from a level that may be the last-N number", () => {
    expect(new MostSeen().see(counts(7, 0, "last"))).toBe(7);
  });

  test("keeps products apart, and no more of them than a bound", () => {
    const seen = new MostSeen();
    for (let number = 0; number < 5_000; number += 1) seen.see(counts(number, 0, "ok", `SKU-${number}`));
    expect(seen.size).toBe(2_000);
    expect(seen.see(counts(1_000, 0, "ok", "SKU-4999"))).toBe(4_999);
    expect(seen.see(counts(1, 0, "ok", "SKU-0"))).toBe(1);
  });
});

describe("the bar", () => {
  test("has what is free and what is in checkouts", () => {
    expect(shares(counts(25, 25), 100)).toEqual({ free: 0.25, held: 0.25 });
  });

  test("is empty where there is nothing and never was", () => {
    expect(shares(counts(0), 0)).toEqual({ free: 0, held: 0 });
  });

  test("never grows beyond its end", () => {
    const { free, held } = shares(counts(80, 50), 100);
    expect(free + held).toBe(1);
  });

  test("follows the server's figures where it is told them", () => {
    expect(shares(counts(10, 5), wholeOf({ remaining: 10, held: 5, sold: 35 }))).toEqual({ free: 0.2, held: 0.1 });
  });
});
