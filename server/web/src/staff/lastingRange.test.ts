import type { MetricRow } from "@shelfcast/client/backstage";
import { beforeAll, expect, it } from "vitest";
import { loadWords } from "../shared/i18n";
import { lastingRangeText } from "./lastingRange";
import { STAFF_WORDS } from "./words";

beforeAll(() => {
  loadWords(STAFF_WORDS, "en");
});

const range = (low: number | null, high: number | null, remaining = 10) =>
  lastingRangeText({ remaining, sold_out_in_minutes_low: low, sold_out_in_minutes_high: high } as MetricRow);

it.each([
  ["both ends in whole minutes", 9.8, 45.2, "9–45"],
  ["both in hours, where one is", 50, 130, "0.8–2.2 h"],
  ["no end", 5, null, "5–∞"],
  ["nothing, where it may be any time", 0.5, null, ""],
  ["nothing, where both are one", 7.1, 7.9, ""],
  ["nothing, where nobody knows", null, null, ""],
])("says %s", (_, low, high, text) => {
  expect(range(low, high)).toBe(text);
});

it("says nothing of what is sold out, or not known yet", () => {
  expect(range(9, 45, 0)).toBe("");
  expect(lastingRangeText(undefined)).toBe("");
});
