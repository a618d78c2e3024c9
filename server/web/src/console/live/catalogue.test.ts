import { expect, it } from "vitest";
import type { PoolSku } from "../api/schema";
import { withSku } from "./catalogue";

const row = (sku: string, title: string) => ({ sku, title }) as PoolSku;

it("replaces the row of a SKU in its place", () => {
  const known = [row("a", "A"), row("b", "B"), row("c", "C")];
  expect(withSku(known, row("b", "new"))).toEqual([row("a", "A"), row("b", "new"), row("c", "C")]);
});

it("puts a new SKU where its name stands", () => {
  const known = [row("a", "A"), row("c", "C")];
  expect(withSku(known, row("b", "B")).map(({ sku }) => sku)).toEqual(["a", "b", "c"]);
  expect(withSku(known, row("d", "D")).map(({ sku }) => sku)).toEqual(["a", "c", "d"]);
  expect(withSku([], row("d", "D"))).toEqual([row("d", "D")]);
});
