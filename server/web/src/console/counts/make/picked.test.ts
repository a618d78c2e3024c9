import { expect, it } from "vitest";
import { pickedOf } from "./picked";

const KNOWN = [
  { sku: "MUG-01", title: "Stoneware mug", barcode: "6901234567892" },
  { sku: "TEA-05", title: "龙井茶", barcode: "" },
];
const LISTED = [{ sku: "TEA-05", link: 5 }];

it("knows SKUs by name, barcode, title or link number, each once", () => {
  const { skus, unknown } = pickedOf("mug-01\n6901234567892、 龙井茶\n5,stoneware mug\n", KNOWN, LISTED);
  expect(skus).toEqual(["MUG-01", "TEA-05"]);
  expect(unknown).toEqual([]);
});

it("names what it does not know", () => {
  expect(pickedOf("MUG-01, MUG-09\nsomething else", KNOWN, LISTED)).toEqual({
    skus: ["MUG-01"],
    unknown: ["MUG-09", "something else"],
  });
  expect(pickedOf(" \n,", KNOWN, LISTED)).toEqual({ skus: [], unknown: [] });
});
