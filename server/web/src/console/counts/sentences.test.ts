import { beforeAll, expect, it } from "vitest";
import { loadWords } from "../../shared/i18n";
import type { CountItem } from "../api/schema";
import { WORDS } from "../words/all";
import { questionText, titleOf, waitsFor } from "./sentences";

beforeAll(() => loadWords(WORDS, "en"));

function count(more: Partial<CountItem> = {}): CountItem {
  const none = {
    rows: 40,
    counted_rows: 12,
    open_rows: 0,
    asking: 0,
    recounts: null,
    unreasoned: null,
    signatures: [],
  };
  return { ...none, kind: "before", state: "counting", signatures_needed: null, ...more } as CountItem;
}

it("calls a count by what it is for and of", () => {
  expect(titleOf(count({ zone: "A1" }))).toBe("Before the show: zone A1");
  expect(titleOf(count({ kind: "cycle" }))).toBe("Cycle count: 40 SKUs");
});

it("says what each count waits for", () => {
  expect(waitsFor(count({ asking: 2 }))).toEqual(["28 to count", "2 ask a question"]);
  expect(waitsFor(count({ counted_rows: 40 }))).toEqual(["can be closed"]);
  expect(waitsFor(count({ counted_rows: 40, open_rows: 2 }))).toEqual(["2 being counted"]);
  const review = { state: "review", recounts: 0, unreasoned: 0, signatures_needed: 2 } as const;
  expect(waitsFor(count({ ...review, recounts: 1, unreasoned: 3 }))).toEqual([
    "1 to count again",
    "3 without a reason",
  ]);
  expect(waitsFor(count({ ...review, signatures: [{ by: "li", at_ms: 1 }] }))).toEqual(["1 signature missing"]);
  expect(waitsFor(count({ state: "review" }))).toEqual(["being looked at"]);
  expect(waitsFor(count({ state: "applied" }))).toEqual([]);
});

it.each([
  ["ship", -2, "SF123", 1, "2 left with parcel SF123 at 20:14: are they in your figures?"],
  ["ship", -1, "", 1, "1 left with a parcel at 20:14: is it in your figures?"],
  ["receive", 5, "", 1, "5 arrived at 20:14: are they in your figures?"],
  ["receive", 5, "3f9a3f9a3f9a3f9a3f9a3f9a", 1, "5 arrived at 20:14: are they in your figures?"],
  ["external", -3, "order 7", 1, "3 left at 20:14 (order 7): are they in your figures?"],
  ["ship", -70, "SF123", 52, "70 left in 52 movements until 20:14: are they in your figures?"],
])("asks about a %s of %d units", (kind, units, reference, entries, text) =>
  expect(questionText({ kind, units, reference, entries }, "20:14")).toBe(text),
);
