import { expect, it } from "vitest";
import { partOf, tabOf } from "./parts";

it.each([
  ["", { kind: "counts" }, "counts"],
  ["count/evening-1", { kind: "count", id: "evening-1" }, "counts"],
  ["count/draft.a/b", { kind: "count", id: "draft.a/b" }, "counts"],
  ["count", { kind: "counts" }, "counts"],
  ["new_count", { kind: "new_count" }, "counts"],
  ["receipts", { kind: "receipts" }, "receipts"],
  ["receipt/7", { kind: "receipt", id: "7" }, "receipts"],
  ["new_receipt", { kind: "new_receipt" }, "receipts"],
  ["elsewhere", { kind: "counts" }, "counts"],
])("%j is the part %j", (text, part, tab) => {
  expect(partOf(text)).toEqual(part);
  expect(tabOf(partOf(text))).toBe(tab);
});
