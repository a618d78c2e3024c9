import { expect, it } from "vitest";
import { found, meant, scanned } from "./search";

const row = (sku: string, title: string, barcode = "", shelf_zone = "") => ({ sku, title, barcode, shelf_zone });
const ROWS = [
  row("MUG-01", "Stoneware mug", "6901234567892", "A1"),
  row("MUG-02", "Large mug", "6901234567908", "A1"),
  row("TEA-05", "龙井茶", "", "C1"),
  row("12", "A box of twelve"),
];
const linkOf = (sku: string) => (sku === "MUG-02" ? 3 : null);

it.each([
  ["6901234567892", "MUG-01"],
  ["mug-02", "MUG-02"],
  ["ＭＵＧ－０２", "MUG-02"],
  ["龙井茶", "TEA-05"],
  ["3", "MUG-02"],
  ["12", "12"],
  ["large", "MUG-02"],
  ["C1", "TEA-05"],
])("%j means %s", (text, sku) => expect(meant(text, ROWS, linkOf)?.sku).toBe(sku));

it.each(["", "mug", "6901234567890", "A1"])("%j means no single one", (text) =>
  expect(meant(text, ROWS, linkOf)).toBe(null),
);

it("finds all that have what is typed, by link number, too", () => {
  expect(found("mug", ROWS, linkOf).map(({ sku }) => sku)).toEqual(["MUG-01", "MUG-02"]);
  expect(found("3", ROWS, linkOf).map(({ sku }) => sku)).toContain("MUG-02");
  expect(found("", ROWS, linkOf)).toEqual(ROWS);
});

it("knows a scan that went into a field of units, and what was typed before it", () => {
  expect(scanned("126901234567892", ROWS)).toEqual({ row: ROWS[0], before: "12" });
  expect(scanned("6901234567908", ROWS)).toEqual({ row: ROWS[1], before: "" });
  for (const number of ["12", "120", "690"]) expect(scanned(number, ROWS)).toBe(null);
});
