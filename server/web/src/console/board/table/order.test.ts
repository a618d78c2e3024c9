import { describe, expect, it } from "vitest";
import type { Facts, SkuAlerts } from "../facts";
import { ALL } from "./filter";
import { Order } from "./order";

interface Sku {
  link?: number;
  title?: string;
  available?: number;
  waiting?: number;
  alerts?: SkuAlerts;
}

/** A shelf whose counts a test changes; `onAir` too. */
function shelf(skus: Record<string, Sku>) {
  const state = { onAir: "" };
  const facts: Facts = {
    shown: (sku) => skus[sku] && ({ sku, link: null, title: sku, available: 0, ...skus[sku] } as never),
    available: (sku) => skus[sku]?.available ?? 0,
    metric: () => undefined,
    units: () => undefined,
    terms: () => undefined,
    alerts: (sku) => skus[sku]?.alerts,
    isOnAir: (sku) => sku === state.onAir,
    waiting: (sku) => skus[sku]?.waiting ?? 0,
  };
  const order = new Order(facts, () => Object.keys(skus));
  order.noteKnown(0);
  return { order, state, skus };
}

const alerts = (ringing: number): SkuAlerts => ({ count: 1, grave: Math.max(1, ringing), ringing });

describe("the rows", () => {
  it("come by link number, those without one last", () => {
    const { order } = shelf({ none: {}, ten: { link: 10 }, two: { link: 2 } });
    expect(order.rows.value).toEqual(["two", "ten", "none"]);
  });

  it("are sorted by the values of the moment that they are sorted at, and again once nobody is there", () => {
    const { order, skus } = shelf({ a: { available: 1 }, b: { available: 2 } });
    order.sortBy("available", 10_000);
    expect([order.rows.value, order.sorting.value]).toEqual([["a", "b"], { id: "available", desc: false }]);
    skus.a = { available: 3 };
    order.still.hold("pointer");
    order.tick(60_000);
    expect(order.rows.value).toEqual(["a", "b"]);
    order.still.release("pointer", 60_000);
    order.tick(62_999);
    expect(order.rows.value).toEqual(["a", "b"]);
    order.tick(63_000);
    expect(order.rows.value).toEqual(["b", "a"]);
  });

  it("turn round when they are sorted by their column again, also under somebody's hand", () => {
    const { order } = shelf({ a: { available: 1 }, b: { available: 2 } });
    order.still.hold("focus");
    order.sortBy("available", 1);
    order.sortBy("available", 2);
    expect([order.rows.value, order.sorting.value.desc]).toEqual([["b", "a"], true]);
    // Of those who wait the most come first.
    order.sortBy("waiting", 3);
    expect(order.sorting.value).toEqual({ id: "waiting", desc: true });
  });

  it("have what is on air and what rings on top, not before somebody may see it move", () => {
    const { order, state, skus } = shelf({ a: { link: 1 }, b: { link: 2 }, c: { link: 3 }, d: { link: 4 } });
    order.still.hold("pointer");
    state.onAir = "d";
    skus.b = { link: 2, alerts: alerts(1) };
    skus.c = { link: 3, alerts: alerts(3) };
    order.tick(60_000);
    expect(order.rows.value).toEqual(["a", "b", "c", "d"]);
    order.sort(60_001);
    expect(order.rows.value).toEqual(["d", "c", "b", "a"]);
    // One that somebody has answered rings no more.
    skus.c = { link: 3, alerts: alerts(0) };
    order.sort(60_002);
    expect(order.rows.value).toEqual(["d", "b", "a", "c"]);
  });

  it("take a new SKU last, where the filter lets it in, and keep the place of one that is gone", () => {
    const { order, skus } = shelf({ mug: { link: 1 }, "mug-2": { link: 3 }, bowl: { link: 4 } });
    order.filterBy({ text: "MUG", only: [] }, 1);
    order.still.hold("pointer");
    skus["mug-0"] = { link: 2 };
    skus["bowl-2"] = { link: 5 };
    delete skus.mug;
    order.noteKnown(2);
    expect(order.rows.value).toEqual(["mug", "mug-2", "mug-0"]);
    order.sort(3);
    expect(order.rows.value).toEqual(["mug-0", "mug-2"]);
    order.filterBy(ALL, 4);
    expect(order.rows.value).toEqual(["mug-0", "mug-2", "bowl", "bowl-2"]);
  });
});

describe("a filter", () => {
  const { order, state } = shelf({
    a: { link: 3, title: "Stoneware mug", alerts: alerts(1) },
    b: { link: 31, title: "保温杯 350ml", waiting: 2 },
    c: { link: 2, title: "Bowl" },
  });
  state.onAir = "c";
  it.each([
    [{ text: "3", only: [] }, ["a", "b"]],
    [{ text: "３１", only: [] }, ["b"]],
    [{ text: "保温", only: [] }, ["b"]],
    [{ text: "MUG stone", only: [] }, ["a"]],
    [{ text: "mug bowl", only: [] }, []],
    [{ text: "", only: ["alerts"] }, ["a"]],
    [{ text: "", only: ["waiting"] }, ["b"]],
    [{ text: "", only: ["on_air"] }, ["c"]],
    [{ text: "bowl", only: ["alerts"] }, []],
  ] as const)("%j shows %j", (filter, rows) => {
    order.filterBy(filter, 1);
    expect([...order.rows.value].sort()).toEqual(rows);
  });
});

describe("the columns", () => {
  it("are shown, hidden and moved, those at the edge stay", () => {
    const { order } = shelf({ a: {} });
    const ids = () => order.columns.value.map(({ id }) => id);
    expect(ids().slice(0, 4)).toEqual(["link", "title", "air", "available"]);
    order.moveColumn("available", -1);
    order.moveColumn("available", -1);
    order.moveColumn("title", 1);
    order.showColumn("held", false);
    order.showColumn("category", true);
    expect(ids().slice(0, 5)).toEqual(["link", "title", "available", "air", "sold"]);
    expect(ids().at(-1)).toBe("category");
    order.usualColumns();
    expect(ids().slice(0, 5)).toEqual(["link", "title", "air", "available", "held"]);
  });
});
