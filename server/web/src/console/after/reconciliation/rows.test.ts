import { expect, it } from "vitest";
import type { ReconciledSku, SoldUnits } from "../../api/schema";
import { differenceOf, having, inTurn, PENDING } from "./rows";

const NOTHING: SoldUnits = {
  sold: 0,
  cancelled: 0,
  shipped: 0,
  unshipped: 0,
  awaiting_goods: 0,
  held: 0,
  payment_pending: 0,
  paid_no_stock: 0,
  refunded_no_stock: 0,
  refunded_without_goods: 0,
  refund_asked: 0,
};

function row(sku: string, found: Partial<ReconciledSku> = {}): ReconciledSku {
  return { sku, title: sku, link: 1, stock: NOTHING, presale: null, count: null, open_count: null, ...found };
}

function counted(difference: number): Pick<ReconciledSku, "count"> {
  const by = {
    count: "c",
    kind: "after",
    at_ms: 0,
    reason: "",
    reason_note: "",
    reason_by: "",
    signed_by: [],
  } as const;
  return { count: { ...by, counted: 5, difference, shortage: 0, signed_by: [] } };
}

function open(difference: number | null): Pick<ReconciledSku, "open_count"> {
  return { open_count: { count: "d", kind: "after", state: "review", status: "reason", difference } };
}

it("what differs comes first, the most before others, and what agrees last", () => {
  const rows = [row("agrees", counted(0)), row("never"), row("counting", open(null)), row("found", counted(2))];
  const all = [...rows, row("lost", { ...counted(0), ...open(-7) })];
  expect(inTurn(all).map(({ sku }) => sku)).toEqual(["lost", "found", "counting", "never", "agrees"]);
});

it("not counted is no difference of zero", () => {
  expect(differenceOf(row("never"))).toBeNull();
  expect(differenceOf(row("agrees", counted(0)))).toBe(0);
  expect(differenceOf(row("both", { ...counted(3), ...open(null) }))).toBe(3);
});

it("those that stand apart are the ones that have something there", () => {
  const held = row("held", { stock: { ...NOTHING, held: 2 } });
  const found = having([row("sold", { stock: { ...NOTHING, sold: 4 } }), held], PENDING, ({ stock }) => stock);
  expect(found).toEqual([held]);
  expect(having([held], PENDING, ({ presale }) => presale)).toEqual([]);
});
