import type { Level } from "@shelfcast/client";
import { describe, expect, it } from "vitest";
import { levelToShow, offAir, type Sale, saleOf } from "./sale";

const ALWAYS = { opens_at_ms: null, closes_at_ms: null };
const NOW = 1_000_000;

describe("a sale", () => {
  it.each([
    ["live", "open"],
    ["scheduled", "coming"],
    ["paused", "paused"],
    ["ended", "over"],
  ] as const)("in a room that is %s is %s", (status, sale) => {
    expect(saleOf(ALWAYS, status, NOW)).toBe(sale);
  });

  it("opens and ends at its moments, to the millisecond", () => {
    const window = { opens_at_ms: NOW, closes_at_ms: NOW + 10 };
    expect(saleOf(window, "live", NOW - 1)).toBe("coming");
    expect(saleOf(window, "live", NOW)).toBe("open");
    expect(saleOf(window, "live", NOW + 9)).toBe("open");
    expect(saleOf(window, "live", NOW + 10)).toBe("over");
  });

  it("that is over does not come back with a pause, nor open before the show", () => {
    expect(saleOf({ ...ALWAYS, closes_at_ms: NOW }, "paused", NOW)).toBe("over");
    expect(saleOf({ ...ALWAYS, opens_at_ms: NOW }, "scheduled", NOW)).toBe("coming");
  });
});

describe("the level that is shown", () => {
  const levels: Level[] = ["ok", "low", "lower", "last", "all_held", "sold_out", "frozen"];

  it("is the server's while the sale is open", () => {
    for (const level of levels) expect(levelToShow(level, "open")).toBe(level);
  });

  const shown: [Sale, Level[]][] = [
    ["coming", ["all_held", "sold_out", "frozen"]],
    ["paused", ["all_held", "sold_out", "frozen"]],
    ["over", ["sold_out"]],
  ];
  it.each(shown)("of a sale that is %s is no call to buy", (sale, expected) => {
    expect(levels.filter((level) => levelToShow(level, sale) !== null)).toEqual(expected);
  });
});

describe("a room", () => {
  it("is off the air where it says so", () => {
    for (const status of ["scheduled", "paused", "ended"]) expect(offAir(status)).toBe(status);
    for (const status of ["live", "of a newer server"]) expect(offAir(status)).toBeNull();
  });
});
