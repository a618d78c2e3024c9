import type { UnitsRow } from "@shelfcast/client/pool";
import { beforeAll, expect, it } from "vitest";
import { loadWords } from "../../../shared/i18n";
import { WORDS } from "../../words/all";
import { type Difference, effectOf, gravestFirst, isShown } from "./differences";
import { effectText } from "./operations";

beforeAll(() => loadWords(WORDS, "en"));

function row(sku: string, difference: number, more: Partial<Difference> = {}): Difference {
  return { sku, status: "ready", counted: 10, bad: 0, unsellable: 0, difference, write_off_from: null, ...more };
}

const UNITS: Partial<UnitsRow> = {
  pool: 2,
  safety: 1,
  elastic: 0,
  unsellable: 4,
  batches: [{ batch: "wave-2", units: 3, is_open: false }] as unknown as UnitsRow["batches"],
  channels: [{ channel: "live", allocated: 5 }] as unknown as UnitsRow["channels"],
};
const unitsOf = () => UNITS as UnitsRow;

it("takes what is missing from where it lies, in the book's order, and says what orders are short by", () => {
  const effect = effectOf([row("A", -20)], unitsOf);
  expect(effect).toMatchObject({ skus: 1, lost: { pool: 2, safety: 1, elastic: 0, batch: 3, channel: 5 }, short: 9 });
  expect(effectText(effect)).toBe(
    "Of 1 SKU: 2 out of the pool, 1 out of the safety buffer, 3 out of batches, 5 out of channels. " +
      "9 are short against orders: they were reserved or sold, and are not there.",
  );
});

it("moves bad units apart from the difference, no more than there are", () => {
  expect(effectOf([row("A", 0, { bad: 3, unsellable: 1 })], unitsOf)).toMatchObject({ toUnsellable: 2, skus: 1 });
  expect(effectOf([row("A", -11, { bad: 3 })], unitsOf)).toMatchObject({ toUnsellable: 0, short: 0 });
  expect(effectOf([row("A", 0, { bad: 0, unsellable: 9 })], unitsOf)).toMatchObject({ fromUnsellable: 4 });
});

it("moves nothing of what was not counted, and says so", () => {
  const effect = effectOf([row("A", 0, { counted: null, unsellable: 3 }), row("B", 0)], unitsOf);
  expect(effect.skus).toBe(0);
  expect(effectText(effect)).toBe("Nothing is moved: the book and the shelf agree.");
});

it("tells of what was found and what a write-off takes", () => {
  const rows = [row("A", 4), row("B", -30, { counted: null, write_off_from: "unsellable" })];
  expect(effectText(effectOf(rows, unitsOf))).toBe("Of 2 SKUs: 4 found, into the pool, 30 written off.");
});

it("shows the gravest first: by value, then by units", () => {
  const rows = [row("CHEAP", -50), row("DEAR", -2), row("EVEN", 0), row("BAD", 0, { bad: 5 }), row("UNPRICED", 9)];
  const priceOf = (sku: string) => ({ CHEAP: 10, DEAR: 9_000 })[sku] ?? null;
  expect(gravestFirst(rows, priceOf).map(({ sku }) => sku)).toEqual(["DEAR", "CHEAP", "UNPRICED", "BAD", "EVEN"]);
});

it("shows what differs or waits, or all", () => {
  const even = row("A", 0);
  expect([isShown(even, "differing"), isShown(even, "waiting"), isShown(even, "all")]).toEqual([false, false, true]);
  expect([isShown(row("A", 1), "differing"), isShown(row("A", 1), "waiting")]).toEqual([true, false]);
  for (const status of ["asks", "recount", "reason"] as const)
    expect(isShown({ ...even, status }, "waiting")).toBe(true);
});
