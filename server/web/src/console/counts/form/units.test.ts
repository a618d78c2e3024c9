import { expect, it } from "vitest";
import { unitsOf } from "./units";

it.each([
  ["0", 0],
  ["12", 12],
  [" 1 200 ", 1_200],
  ["1,200", 1_200],
  ["１２", 12],
  ["1000000", 1_000_000],
])("%j is so many units", (text, units) => expect(unitsOf(text)).toBe(units));

it.each(["", "-1", "1.5", "a dozen", "1000001", "6901234567892"])("%j is no number of units", (text) =>
  expect(unitsOf(text)).toBe(null),
);
