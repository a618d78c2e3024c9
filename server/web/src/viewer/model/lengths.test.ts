import { describe, expect, it } from "vitest";
import { secondsLeft } from "./countdown";
import { Lengths, mostSeconds } from "./lengths";

const NOW = 1_000_000;
const FIVE_MINUTES = NOW + 300_000;

describe("the most that a countdown shows", () => {
  it.each([
    ["exact", 0],
    ["behind by what a quick message takes", -8],
    ["behind by what a slow one takes", -740],
    ["read when the answer had been on its way", 240],
  ])("is the hold's whole length where the clock is %s", (_name, offMs) => {
    expect(mostSeconds(FIVE_MINUTES, NOW + offMs)).toBe(300);
  });

  it("is one second at the least, until it is over", () => {
    expect(mostSeconds(NOW + 100, NOW)).toBe(1);
    expect(Math.min(secondsLeft(NOW, NOW), mostSeconds(NOW, NOW))).toBe(0);
  });

  it("stays what it was when the hold is told of again, and is new with a new end", () => {
    const lengths = new Lengths();
    lengths.heard("r1", FIVE_MINUTES, NOW);
    lengths.heard("r1", FIVE_MINUTES, NOW + 60_000);
    expect(lengths.of("r1")).toBe(300);
    lengths.heard("r1", FIVE_MINUTES + 120_000, NOW + 60_000);
    expect(lengths.of("r1")).toBe(360);
  });

  it("is forgotten with the hold", () => {
    const lengths = new Lengths();
    lengths.heard("r1", FIVE_MINUTES, NOW);
    lengths.heard("r2", FIVE_MINUTES, NOW);
    lengths.keep(new Set(["r2"]));
    expect(lengths.of("r1")).toBe(Number.POSITIVE_INFINITY);
    expect(lengths.of("r2")).toBe(300);
  });
});
