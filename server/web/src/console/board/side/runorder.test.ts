import { expect, it } from "vitest";
import { isSame, moved, placesOf } from "./runorder";

it.each([
  [0, 2, "bca"],
  [2, 0, "cab"],
  [1, 1, "abc"],
  [0, 1, "bac"],
  [0, 3, "abc"],
  [0, -1, "abc"],
  [5, 0, "abc"],
])("the place at %i is brought to %i: %s", (from, to, order) => {
  expect(moved(["a", "b", "c"], from, to).join("")).toBe(order);
});

it("a place keeps what was planned for it", () => {
  const slot = { sku: "mug", minutes: 10, expected_units: null, note: "the handle" };
  expect(moved([slot, "bowl"], 0, 1)).toEqual(["bowl", slot]);
});

it("without an order the shelf is arranged", () => {
  expect(placesOf([], ["a", "b"])).toEqual(["a", "b"]);
  expect(placesOf(["b"], ["a", "b"])).toEqual(["b"]);
  expect([isSame(["a"], ["a"]), isSame(["a"], ["b"])]).toEqual([true, false]);
});
