import { describe, expect, it } from "vitest";
import { parseKept, RECEIPTS_MAX, type Receipt, ReceiptStore, unitsPaid, withReceipt } from "./receipts";

const PAID: Receipt = { id: "r1", sku: "MUG", qty: 1, fate: "paid", atMs: 5 };

describe("receipts", () => {
  it("are the newest first, one an id, and bounded", () => {
    const expired: Receipt = { ...PAID, fate: "expired" };
    expect(withReceipt([expired, { ...PAID, id: "r0" }], PAID)).toEqual([PAID, { ...PAID, id: "r0" }]);
    let receipts: readonly Receipt[] = [];
    for (let number = 0; number < RECEIPTS_MAX + 5; number += 1) {
      receipts = withReceipt(receipts, { ...PAID, id: `r${number}` });
    }
    expect(receipts).toHaveLength(RECEIPTS_MAX);
    expect(receipts[0]?.id).toBe(`r${RECEIPTS_MAX + 4}`);
  });

  it("count towards a customer's limit where that customer paid", () => {
    const mine: Receipt = { ...PAID, qty: 2, user: "wang" };
    const receipts: readonly Receipt[] = [
      mine,
      { ...mine, id: "r2", qty: 1 },
      { ...mine, id: "r3", sku: "TEA" },
      { ...mine, id: "r4", fate: "expired" },
      { ...mine, id: "r5", user: "chen" },
      { ...PAID, id: "kept by an older page" },
    ];
    expect(unitsPaid(receipts, "MUG", "wang")).toBe(3);
  });

  it("come back as they were kept", () => {
    const memory = new Map<string, string>();
    const storage = {
      getItem: (key: string) => memory.get(key) ?? null,
      setItem: (key: string, value: string) => memory.set(key, value),
    } as unknown as Storage;
    const promised = { title: "Oolong tea", price_minor: 3_900, currency: "CNY" };
    const kept = { receipts: [PAID], held: [{ id: "r2", sku: "TEA", qty: 3, promised }] };
    new ReceiptStore("evening", storage).write(kept);
    expect(new ReceiptStore("evening", storage).read()).toEqual(kept);
    expect(new ReceiptStore("another", storage).read()).toEqual({ receipts: [], held: [] });
  });

  it.each([null, "", "no json", "null", "[]", '{"receipts":7}', '{"receipts":[null,{"id":1}],"held":[{"id":"a"}]}'])(
    "are none where the browser kept %s",
    (text) => {
      expect(parseKept(text)).toEqual({ receipts: [], held: [] });
    },
  );

  it("are read as an older page kept them", () => {
    const older = { receipts: [{ id: "r1", sku: "MUG", qty: 1, fate: "paid", atMs: 5 }], held: [] };
    expect(parseKept(JSON.stringify(older))).toEqual({ receipts: [PAID], held: [] });
  });

  it.each([null, 7, {}, { title: "Tea", currency: "CNY" }])("are none with the promise %j", (promised) => {
    expect(
      parseKept(JSON.stringify({ receipts: [], held: [{ id: "r1", sku: "MUG", qty: 1, promised }] })).held,
    ).toEqual([]);
  });

  it("are not missed where nothing can be kept", () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new Error("quota");
      },
    } as unknown as Storage;
    expect(() => new ReceiptStore("evening", full).write({ receipts: [PAID], held: [] })).not.toThrow();
    expect(new ReceiptStore("evening", null).read().receipts).toEqual([]);
  });
});
