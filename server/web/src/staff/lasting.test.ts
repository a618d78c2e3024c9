import { describe, expect, test } from "vitest";
import { lasting, paceDigits } from "./lasting";

const row = (remaining: number, minutes: number | null) => ({ remaining, sold_out_in_minutes: minutes });

describe("how long a product lasts", () => {
  test.each([
    [undefined, { kind: "unknown" }],
    [row(0, 0), { kind: "sold_out" }],
    [row(5, null), { kind: "unknown" }],
    [row(5, 0.4), { kind: "under_a_minute" }],
    [row(5, 12.9), { kind: "minutes", minutes: 12 }],
    [row(5, 99.9), { kind: "minutes", minutes: 99 }],
    [row(5, 185), { kind: "hours", hours: 3, minutes: 5 }],
  ])("%o is %o", (metric, said) => {
    expect(lasting(metric)).toEqual(said);
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
