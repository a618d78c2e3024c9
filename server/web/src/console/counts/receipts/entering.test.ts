import { beforeAll, expect, it } from "vitest";
import { loadWords } from "../../../shared/i18n";
import { WORDS } from "../../words/all";
import { announcedOf } from "./announced";
import { type EntryLine, withLine } from "./entry";

beforeAll(() => loadWords(WORDS, "en"));

const KNOWN = [
  { sku: "MUG-01", title: "Stoneware mug", barcode: "6901234567892" },
  { sku: "TEA-05", title: "龙井茶", barcode: "" },
];

it("reads what was announced, a SKU and its units each line", () => {
  expect(announcedOf("MUG-01 120\n龙井茶，50\nStoneware mug\t1,000\n\n", KNOWN)).toEqual({
    lines: [
      { sku: "MUG-01", units: 1_120 },
      { sku: "TEA-05", units: 50 },
    ],
    fault: "",
  });
});

it("says which line it does not understand", () => {
  expect(announcedOf("MUG-01", KNOWN).fault).toContain("MUG-01");
  expect(announcedOf("MUG-01 0", KNOWN).fault).toContain("MUG-01 0");
  expect(announcedOf("MUG-09 5", KNOWN).fault).toBe("No SKU is known as: MUG-09");
});

it("puts a line in place of one of the same SKU, lot and day", () => {
  const line = (good: number, lot = ""): EntryLine => ({ sku: "A", good, bad: 0, lot, expires: "", note: "" });
  const lines = withLine(withLine([line(1)], line(2, "L1")), line(3));
  expect(lines).toEqual([line(3), line(2, "L1")]);
});
