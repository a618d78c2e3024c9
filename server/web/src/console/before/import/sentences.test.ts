import { beforeAll, describe, expect, it } from "vitest";
import { loadWords } from "../../../shared/i18n";
import type { CataloguePreview, CountsPreview, ImportItem, OrdersPreview } from "../../api/schema";
import { WORDS } from "../../words/all";
import { faultText, noteText, reasonText } from "./faultText";
import { kindOf } from "./importing";
import { applyText, resultText } from "./sentences";

beforeAll(() => loadWords(WORDS, "en"));

const row = (receives: number, safety: number, elastic: number) =>
  ({ receives, safety, elastic }) as CataloguePreview["changes"][number];

const preview = (counts: Partial<CataloguePreview>) =>
  ({
    preview: { new: 0, changed: 0, same: 0, bad: 0, receives: 0, changes: [], ...counts },
    counts: null,
    orders: null,
  }) as unknown as ImportItem;
const ofCounts = (counts: Partial<CountsPreview>) =>
  ({
    preview: null,
    counts: { new: 0, changed: 0, same: 0, bad: 0, uncounted: 0, ...counts },
    orders: null,
  }) as ImportItem;
const ofOrders = (effect: Partial<OrdersPreview["effect"]>, orders: Partial<OrdersPreview> = {}) => {
  const none = { channel: "douyin", orders: 0, units: 0, from_stock: 0, oversold: 0, cancelled: 0, ...effect };
  const read = { same: 0, bad: 0, unpaid: 0, ...orders, effect: none };
  return { preview: null, counts: null, orders: read } as unknown as ImportItem;
};

describe("what an import will do", () => {
  it("is said in articles, units and rows", () => {
    const changes = [row(1_200, 120, 180), row(40, 4, 0)];
    const all = preview({ new: 12, changed: 3, same: 1, bad: 1, receives: 1_240, changes });
    expect(applyText(all, "Evening show")).toBe(
      "This makes 12 articles, changes 3, receives 1,240 units, of which 124 go to the safety buffer, of which 180 go to the " +
        "elastic reserve. They are put on the shelf of Evening show. 1 row says what is there already. 1 bad row stays out.",
    );
  });

  it("is nothing where every row is the same or bad", () => {
    expect(applyText(preview({ same: 2, bad: 3 }), "")).toBe(
      "This changes nothing. 2 rows say what is there already. 3 bad rows stay out.",
    );
  });

  it("of counts is said in lines, and that no unit moves yet", () => {
    expect(applyText(ofCounts({ new: 3, changed: 1, uncounted: 1, bad: 1 }), "")).toBe(
      "This enters 4 lines on a count sheet. No unit moves before it is signed. 1 row has no figure and stays uncounted. " +
        "1 bad row stays out.",
    );
    expect(applyText(ofCounts({ same: 1 }), "")).toBe("This changes nothing. 1 row says what is there already.");
  });

  it("of orders is said in what it takes of the channel", () => {
    const effect = { orders: 3, units: 12, from_stock: 10, oversold: 2, cancelled: 1 };
    expect(applyText(ofOrders(effect, { unpaid: 1 }), "")).toBe(
      "This books 3 orders of channel douyin: 12 units, of which 10 come from its stock. 2 are more than it has, and would " +
        "be oversold. 1 unit comes back to channel douyin. 1 row is not paid and is left aside.",
    );
    expect(applyText(ofOrders({}, { same: 2 }), "")).toBe("This changes nothing. 2 rows say what is there already.");
  });

  it("is counted once it is done, with what was refused", () => {
    const item = { done: 5, of: 5, refused_count: 2 } as ImportItem;
    expect(resultText(item)).toBe("3 of 5 rows are written. 2 were refused.");
  });
});

it.each([
  ["货.CSV", "text/csv"],
  ["a.b.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ["old.xls", ""],
  ["csv", ""],
])("%s is of the kind %j", (name, kind) => expect(kindOf(name)).toBe(kind));

it.each([
  ["expected an amount such as 12.90, not '便宜'", "'便宜' is no price; expected a number such as 12.90."],
  ["expected 1 to 999, not 1,000", "1,000 does not fit; expected a number from 1 on, within what is allowed."],
  ["MUG-01 stands on line 7 already", "MUG-01 stands on line 7 already."],
  [
    "the spreadsheet made a number of it, 1.2E+12, and its digits are lost; …",
    "The spreadsheet made the number 1.2E+12 of it: format the column as text and type it anew.",
  ],
  ["良品: expected a whole number, not 'x'", "良品: 'x' is no whole number."],
  [
    "expected a time such as 2011-12-05 08:38:00, not 'soon'",
    "'soon' is no time; expected one such as 2011-12-05 08:38:00.",
  ],
  ["something that no page knows", "something that no page knows"],
  ["note: something that no page knows", "note: something that no page knows"],
])("the fault %j is told as %j", (said, told) => expect(faultText(said)).toBe(told));

it.each([
  [
    "a.csv: line 1: no column order, qty; it has sku, good",
    "There is no column: order, qty. The file's columns are: sku, good.",
  ],
  ["a.csv: more than 20,000 rows, the most that are read", "It has more than 20,000 rows, the most that are read."],
  ["something that no page knows", "something that no page knows"],
])("a file that cannot be read, %j, is told as %j", (said, told) => expect(reasonText(said)).toBe(told));

it("tells what was guessed about a file", () => {
  expect(noteText("not UTF-8; read as GB18030, which makes it 商品编码 …; `encoding` says otherwise")).toBe(
    "The encoding was found out: GB18030. Look at the rows below.",
  );
});
