import { expect, it } from "vitest";
import { heldBy } from "./elsewhere";

it("names each other count once, the one with the most first", () => {
  const elsewhere = [
    { sku: "A", count: "x" },
    { sku: "B", count: "y" },
    { sku: "C", count: "y" },
  ];
  expect(heldBy(elsewhere)).toEqual([
    ["y", 2],
    ["x", 1],
  ]);
});
