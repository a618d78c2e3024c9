import { expect, test } from "vitest";
import { shares } from "./share";

test.each([
  [50, 10, 200, { free: 0.25, held: 0.05 }],
  [0, 0, 200, { free: 0, held: 0 }],
  // Goods have arrived since the server last said what was offered.
  [300, 10, 200, { free: 1, held: 0 }],
])("%d free and %d in checkouts of %d offered", (available, held, offered, bar) => {
  expect(shares({ available, held }, { offered })).toEqual(bar);
});

test("nothing is guessed where the server has not said what was offered", () => {
  expect(shares({ available: 50, held: 10 }, undefined)).toBeNull();
  expect(shares({ available: 0, held: 0 }, { offered: 0 })).toBeNull();
});
