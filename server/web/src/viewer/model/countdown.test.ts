import { describe, expect, it } from "vitest";
import { milestone, secondsLeft } from "./countdown";

describe("seconds left", () => {
  it("shows 1 until it is over, and 0 from then on", () => {
    expect(secondsLeft(10_000, 7_000)).toBe(3);
    expect(secondsLeft(10_000, 9_999)).toBe(1);
    expect(secondsLeft(10_000, 10_000)).toBe(0);
    expect(secondsLeft(10_000, 60_000)).toBe(0);
  });
});

describe("milestones", () => {
  it("are said as they are passed, once", () => {
    expect(milestone(61, 60)).toBe(60);
    expect(milestone(60, 59)).toBeNull();
    expect(milestone(31, 30)).toBe(30);
  });

  it("of several that a sleeping page missed, only the last is said; after the end, none", () => {
    expect(milestone(200, 9)).toBe(10);
    expect(milestone(200, 0)).toBeNull();
  });
});
