import type { MetricRow } from "@shelfcast/client/backstage";
import { beforeAll, expect, it } from "vitest";
import { loadWords } from "../../../shared/i18n";
import { lastingRangeText } from "../../../staff/lastingRange";
import { STAFF_WORDS } from "../../../staff/words";
import en from "../en.json";
import zh from "../zh.json";
import { etaText } from "./figures";

beforeAll(() => loadWords({ en: { ...STAFF_WORDS.en, ...en }, zh: { ...STAFF_WORDS.zh, ...zh } }, "en"));

const metric = (minutes: number | null, low: number | null, high: number | null, remaining = 10) =>
  ({
    remaining,
    sold_out_in_minutes: minutes,
    sold_out_in_minutes_low: low,
    sold_out_in_minutes_high: high,
  }) as MetricRow;

it.each([
  ["in minutes", metric(28.9, 22, 40), "28 min", "22–40"],
  ["in hours, both ends in one unit", metric(130, 66, 250), "2 h 10", "1.1–4.2 h"],
  ["without an upper end", metric(84, 38, null), "84 min", "38–∞"],
  ["with one beyond any show", metric(84, 38, 20_000), "84 min", "0.6–∞ h"],
  ["with ends that are the same", metric(46, 46.2, 46.4), "46 min", ""],
  ["that may be any time", metric(0.5, 0.2, null), "<1 min", ""],
  ["that nobody knows", metric(null, null, null), "–", ""],
  ["of what is sold out", metric(null, 1, 2, 0), "Sold out", ""],
])("a time %s", (_name, row, text, range) => {
  expect([etaText(row), lastingRangeText(row)]).toEqual([text, range]);
});
