import { beforeAll, expect, it } from "vitest";
import { loadWords } from "../../shared/i18n";
import { WORDS } from "../words/all";
import { failuresOf } from "./failures";

beforeAll(() => loadWords(WORDS, "en"));

const item = (check: string, why: string, sku: string | null, title = "", detail = "") => ({
  check,
  why,
  sku,
  title,
  detail,
});

it("says of several articles once what is the same of them", () => {
  const failures = failuresOf([
    item("counted", "never", "MUG", "Mug"),
    item("shelf", "empty", null, "", "the shelf is empty"),
    item("counted", "never", "TEA"),
  ]);
  expect(failures.map(({ name, titles }) => [name, titles])).toEqual([
    ["Counted", "Mug, TEA"],
    ["Articles on the shelf", ""],
  ]);
  expect(failures[0]?.text).toContain("Never counted.");
});

it("says a case that this page does not know in the server's words", () => {
  expect(failuresOf([item("weather", "rain", null, "", "it rains")])).toEqual([
    { key: "weather rain", name: "weather", titles: "", text: "it rains" },
  ]);
});
