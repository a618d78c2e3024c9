import { beforeAll, describe, expect, it } from "vitest";
import { loadWords } from "../../../shared/i18n";
import { WORDS } from "../../words/all";
import { groupsOf, matching } from "./groups";
import { checkName, groupText, itemText, shownValues } from "./sentences";

beforeAll(() => loadWords(WORDS, "en"));

const item = (check: string, why: string, values: Record<string, unknown> = {}, more: object = {}) =>
  ({
    check,
    why,
    values,
    sku: "MUG-01",
    title: "Mug",
    link: 3,
    level: "fail",
    detail: "",
    cures: [],
    ...more,
  }) as never;

describe("the sentence of an item", () => {
  it("has the numbers of its values", () => {
    const short = item("stock", "short", { available: 1_200, expected: 1_500, short: 300, givable: 80 });
    expect(itemText(short)).toBe("1,200 on sale, 1,500 are expected to go: 300 are lacking, 80 could be given.");
  });

  it("says of several places only those that have something", () => {
    const left = { available: 0, short: 1, givable: 0, elsewhere: 0, safety: 4, held: 0 };
    const text = itemText(item("stock", "nothing_left", left));
    expect(text).toContain("4 lie in the safety buffer");
    expect(text).not.toContain("checkouts");
    expect(text).toMatch(/take it off the shelf\.$/);
  });

  it("is the server's own where this page has no words for the case", () => {
    expect(itemText(item("stock", "of_tomorrow", {}, { detail: "who knows" }))).toBe("who knows");
    expect(itemText(item("weather", "rain", {}, { detail: "it rains" }))).toBe("it rains");
    expect(checkName("weather")).toBe("weather");
  });
});

it("shows the sign of a difference, and places by their names", () => {
  expect(shownValues({ difference: 3, source: "pool", target: "channel:douyin", expires_on: null })).toEqual({
    difference: "+3",
    source: "pool",
    target: "douyin",
    expires_on: "none",
  });
  expect(shownValues({ difference: -3 })).toEqual({ difference: "-3" });
});

describe("items that say the same", () => {
  const list = [
    item("counted", "never", {}, { sku: "A", title: "Apple" }),
    item("stock", "none", { givable: 2 }, { sku: "B", title: "Bowl", link: 12 }),
    item("counted", "never", {}, { sku: "C", title: "Cup" }),
    item("counted", "old", { at_ms: 0 }, { sku: "D", title: "Dish" }),
  ];

  it("stand together, in the order in which the first of them stands", () => {
    const groups = groupsOf(list);
    expect(groups.map(({ why, items }) => [why, items.length])).toEqual([
      ["never", 2],
      ["none", 1],
      ["old", 1],
    ]);
    expect(groupText(groups[0] as never)).toContain("Never counted.");
  });

  it("are apart where one fails and the other is only worth a look", () => {
    expect(groupsOf([item("erp", "old"), item("erp", "old", {}, { level: "warn" })])).toHaveLength(2);
  });

  it("are found by name, title or link number", () => {
    const skus = (typed: string) => matching(typed, list).map((each) => (each as { sku: string }).sku);
    expect(skus(" bow")).toEqual(["B"]);
    expect(skus("12")).toEqual(["B"]);
    expect(skus("")).toHaveLength(4);
    expect(skus("nothing")).toEqual([]);
  });
});
