import { describe, expect, test } from "vitest";
import { isSoon, lasting, paceDigits, stands } from "./pace";

const row = (remaining: number, minutes: number | null) => ({ remaining, sold_out_in_minutes: minutes });

describe("how long a product lasts", () => {
  test.each([
    [undefined, { kind: "unknown" }],
    [row(0, 0), { kind: "sold_out" }],
    [row(5, null), { kind: "not_selling" }],
    [row(5, 0.4), { kind: "under_a_minute" }],
    [row(5, 12.9), { kind: "minutes", minutes: 12 }],
    [row(5, 99.9), { kind: "minutes", minutes: 99 }],
    [row(5, 185), { kind: "hours", hours: 3, minutes: 5 }],
  ])("%o is %o", (metric, said) => {
    expect(lasting(metric)).toEqual(said);
  });

  test("is worth a word below an hour", () => {
    expect(isSoon(row(5, 59.9))).toBe(true);
    expect(isSoon(row(5, 60))).toBe(false);
    expect(isSoon(row(5, null))).toBe(false);
    expect(isSoon(undefined)).toBe(false);
  });
});

test.each([
  [0, 0],
  [0.44, 0.4],
  [9.96, 10],
  [23.4, 23],
])("%d units a minute are shown as %d", (pace, shown) => {
  expect(paceDigits(pace)).toBe(shown);
});

describe("an alert", () => {
  const alert = { tier_percent: 10 };

  test("stands until the stock is clear of its tier", () => {
    expect(stands(alert, { remaining: 10, held: 0, sold: 90 })).toBe(true);
    expect(stands(alert, { remaining: 13, held: 0, sold: 87 })).toBe(true);
    expect(stands(alert, { remaining: 14, held: 0, sold: 86 })).toBe(false);
  });

  test("stands where nothing else is known", () => {
    expect(stands(alert, undefined)).toBe(true);
    expect(stands(alert, { remaining: 0, held: 0, sold: 0 })).toBe(true);
  });
});
