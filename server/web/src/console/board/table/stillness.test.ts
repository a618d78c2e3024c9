import { describe, expect, it } from "vitest";
import { pinned, SETTLE_MS, SORTED_EVERY_MS, Stillness, withNewLast } from "./stillness";

describe("the rows", () => {
  it("may move while nobody is at the table, every few seconds", () => {
    const still = new Stillness();
    expect([still.mayMove(0), still.ageMs(0)]).toEqual([true, null]);
    still.sorted(1_000);
    expect([1_000 + SORTED_EVERY_MS - 1, 1_000 + SORTED_EVERY_MS].map((at) => still.mayMove(at))).toEqual([
      false,
      true,
    ]);
    expect(still.ageMs(4_500)).toBe(3_500);
  });

  it.each(["pointer", "focus", "menu", "edit"] as const)("stay while the %s is there, and 3 s longer", (by) => {
    const still = new Stillness();
    still.hold(by);
    expect([still.isHeld, still.mayMove(3_600_000)]).toEqual([true, false]);
    still.release(by, 3_600_000);
    expect([SETTLE_MS - 1, SETTLE_MS].map((ms) => still.mayMove(3_600_000 + ms))).toEqual([false, true]);
  });

  it("stay until the last of several has left", () => {
    const still = new Stillness();
    still.hold("pointer");
    still.hold("focus");
    still.release("pointer", 1_000);
    expect(still.mayMove(60_000)).toBe(false);
    still.release("focus", 60_000);
    expect([still.mayMove(62_999), still.mayMove(63_000)]).toEqual([false, true]);
  });

  it("do not wait longer for somebody who was not there", () => {
    const still = new Stillness();
    still.release("menu", 5_000);
    expect(still.mayMove(5_000)).toBe(true);
  });

  it("that are new come last, those that are gone keep their place", () => {
    const rows = ["b", "gone", "a"];
    const seen = new Set([...rows, "filtered"]);
    const known = ["a", "b", "c", "unwanted", "filtered", "d"];
    expect(withNewLast(rows, seen, known, (sku) => sku !== "unwanted")).toEqual(["b", "gone", "a", "c", "d"]);
    expect(withNewLast(rows, seen, ["a"], () => true)).toBe(rows);
  });
});

describe("on top", () => {
  const grave = new Map([
    ["c", 1],
    ["d", 3],
    ["e", 1],
  ]);
  const gravenessOf = (sku: string) => grave.get(sku) ?? 0;

  it("stands what is on air, then what rings, the gravest first, the rest as sorted", () => {
    expect(pinned(["a", "b", "c", "d", "e", "f"], "f", gravenessOf)).toEqual(["f", "d", "c", "e", "a", "b"]);
  });

  it("stands what is on air once, also where it rings", () => {
    expect(pinned(["a", "c", "d"], "c", gravenessOf)).toEqual(["c", "d", "a"]);
  });

  it("stands nothing that is not among the rows", () => {
    expect(pinned(["a", "b"], "z", gravenessOf)).toEqual(["a", "b"]);
  });
});
