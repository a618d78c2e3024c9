import { expect, it } from "vitest";
import { KEPT, MINUTE_MS, Minutes } from "./minutes";

const T0 = 1_000 * MINUTE_MS;
const at = (minute: number) => T0 + minute * MINUTE_MS;
const row = (minute: number, taken: number, sku = "mug"): [number, string, number, number, number, number] => [
  at(minute),
  sku,
  100 - taken,
  1,
  taken - 1,
  taken,
];
const show = (minute: number) => ({
  minute_ms: at(minute),
  viewers: minute,
  paid: 2 * minute,
  refused: { A: 1, B: 2 },
});

it("knows how many went in each minute, none in those in which nothing changed", () => {
  const minutes = new Minutes();
  minutes.take({ skus: [row(0, 5), row(1, 7), row(4, 6)], minutes: [0, 1, 2, 3, 4].map(show) });
  expect(minutes.taken("mug", at(4), 5)).toEqual([0, 2, 0, 0, -1]);
  expect(minutes.taken("mug", at(5), 3)).toEqual([0, -1, 0]);
  expect(minutes.taken("bowl", at(4), 2)).toEqual([0, 0]);
  expect([minutes.lastMs, minutes.show.at(-1)?.refused]).toEqual([at(4), 3]);
});

it("takes a minute anew that it knew before it was over", () => {
  const minutes = new Minutes();
  minutes.take({ skus: [row(0, 1), row(1, 3)], minutes: [show(0), show(1)] });
  minutes.take({ skus: [row(1, 8), row(2, 9)], minutes: [show(1), show(2)] });
  expect(minutes.taken("mug", at(2), 2)).toEqual([7, 1]);
  expect(minutes.show.map(({ viewers }) => viewers)).toEqual([0, 1, 2]);
});

it("adds up all SKUs", () => {
  const minutes = new Minutes();
  minutes.take({ skus: [row(0, 1), row(0, 1, "bowl"), row(1, 3), row(1, 2, "bowl")], minutes: [show(0), show(1)] });
  expect(minutes.takenOfAll().slice(-2)).toEqual([0, 3]);
  minutes.take({ skus: [row(2, 9)], minutes: [show(2)] });
  expect(minutes.takenOfAll().slice(-2)).toEqual([3, 6]);
});

it("keeps an hour, and what was before it", () => {
  const minutes = new Minutes();
  const all = Array.from({ length: 3 * KEPT }, (_, minute) => minute);
  minutes.take({ skus: [...all.map((minute) => row(minute, minute + 1)), row(0, 1, "old")], minutes: all.map(show) });
  expect(minutes.show.length).toBe(KEPT);
  expect(minutes.sku("mug").length).toBe(KEPT + 1);
  expect(minutes.sku("old").length).toBe(1);
  expect(minutes.taken("mug", at(3 * KEPT - 1), KEPT)).toEqual(new Array(KEPT).fill(1));
});
