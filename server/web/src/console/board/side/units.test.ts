import { expect, it } from "vitest";
import { landing } from "./dragging";
import { unitsOf } from "./units";

it.each([
  ["50", 50],
  [" 1,200 ", 1_200],
  ["５０", 50],
  ["0", null],
  ["-5", null],
  ["1.5", null],
  ["", null],
  ["1000001", null],
])("%j is %j units", (text, units) => expect(unitsOf(text)).toBe(units));

it.each([
  // A row that is dropped on an edge of itself, or next to itself, stays.
  [1, 1, "top", 1],
  [1, 2, "top", 1],
  [1, 0, "bottom", 1],
  [0, 2, "bottom", 2],
  [2, 0, "top", 0],
  [2, 0, "bottom", 1],
])("row %i that is dropped on row %i at its %s comes to stand at %i", (from, on, edge, to) => {
  expect(landing(from, on, edge)).toBe(to);
});
