import { expect, it } from "vitest";
import type { ReportMinute } from "../../api/schema";
import { eventsOf, stepsOf } from "./steps";

const minute = (at_ms: number, taken: number, paid = 0, refused = 0, viewers = 1): ReportMinute => ({
  at_ms,
  taken,
  paid,
  refused,
  viewers,
});

it("says what each minute added, and nothing of what was given back", () => {
  const steps = stepsOf([minute(1, 4, 1), minute(2, 9, 1, 2), minute(3, 7, 5, 2)]);
  expect(steps.map(({ taken }) => taken)).toEqual([4, 5, 0]);
  expect(steps.map(({ paid }) => paid)).toEqual([1, 0, 4]);
  expect(steps.map(({ refused }) => refused)).toEqual([0, 2, 0]);
});

it("takes several minutes together where there are more than fit", () => {
  const all = Array.from({ length: 7 }, (_, at) => minute(at, (at + 1) * 2, 0, 0, at));
  const steps = stepsOf(all, 3);
  expect(steps.map(({ minutes }) => minutes)).toEqual([3, 3, 1]);
  expect(steps.map(({ taken }) => taken)).toEqual([6, 6, 2]);
  expect(steps.map(({ viewers }) => viewers)).toEqual([2, 5, 6]);
  expect(steps.reduce((sum, { taken }) => sum + taken, 0)).toBe(14);
});

it("puts each event into its step", () => {
  const steps = stepsOf([minute(0, 0), minute(60_000, 0)]);
  const at = (at_ms: number) => ({ at_ms, kind: "status", sku: "", text: "" });
  expect(eventsOf(steps, [at(59_999), at(60_000), at(999_999)])).toEqual([[at(59_999)], [at(60_000), at(999_999)]]);
  expect(eventsOf([], [at(1)])).toEqual([]);
});
