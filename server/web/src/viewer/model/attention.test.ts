import { describe, expect, it } from "vitest";
import { type Attention, isShifted, STAYS_MS, stageOf, staysUntilMs, TOO_SOON_MS, tooSoon } from "./attention";

const NOW: Attention = { spotlight: "TEA", shown: "MUG", listed: true, touchedAtMs: null, busy: false, nowMs: 50_000 };

describe("the stage", () => {
  it("goes with the host", () => {
    expect(stageOf(NOW)).toBe("TEA");
    expect(stageOf({ ...NOW, spotlight: null })).toBeNull();
    expect(stageOf({ ...NOW, shown: null, busy: true })).toBe("TEA");
  });

  it("stays with a product while somebody is busy with it, and for a while after the last touch", () => {
    expect(stageOf({ ...NOW, busy: true })).toBe("MUG");
    const touched = { ...NOW, touchedAtMs: 49_000 };
    expect(stageOf(touched)).toBe("MUG");
    expect(staysUntilMs(touched)).toBe(49_000 + STAYS_MS);
    expect(stageOf({ ...touched, nowMs: 49_000 + STAYS_MS })).toBe("TEA");
    expect(staysUntilMs({ ...touched, nowMs: 49_000 + STAYS_MS })).toBeNull();
  });

  it("does not stay with what was taken off the shelf", () => {
    const gone = { ...NOW, listed: false, touchedAtMs: 49_000 };
    expect(stageOf({ ...gone, busy: true })).toBe("TEA");
    expect(staysUntilMs(gone)).toBeNull();
  });

  it("does not count a press that was meant for the product before", () => {
    expect(tooSoon(1_000, 1_000 + TOO_SOON_MS - 1)).toBe(true);
    expect(tooSoon(1_000, 1_000 + TOO_SOON_MS)).toBe(false);
    expect(tooSoon(null, 1_000)).toBe(false);
  });
});

describe("the shelf", () => {
  it.each([
    ["one before is taken off", ["MUG", "TEA"], ["TEA"], true],
    ["one comes before", ["TEA"], ["MUG", "TEA"], true],
    ["two change places", ["MUG", "TEA"], ["TEA", "MUG"], true],
    ["another takes the place of the last", ["MUG", "TEA"], ["MUG", "BOWL"], true],
    ["the last is taken off", ["MUG", "TEA"], ["MUG"], false],
    ["one comes behind", ["MUG"], ["MUG", "TEA"], false],
    ["it is filled for the first time", [], ["MUG", "TEA"], false],
  ])("when %s: %o, then %o, has shifted: %s", (_, before, now, shifted) => {
    expect(isShifted(before, now)).toBe(shifted);
  });
});
