import { expect, it } from "vitest";
import type { MinuteState } from "../../api/schema";
import { followed, Part, partOf } from "./folding";

const term = (sku: string, place: number) => ({
  sku,
  place,
  link: place,
  title: sku,
  price_minor: 100,
  currency: "CNY",
  as_of_then: true,
});
const units = (sku: string, available: number): MinuteState["units"][number] => [sku, available, 0, 0, 0, "ok", null];

function minute(n: number, found: Partial<MinuteState> = {}): MinuteState {
  return {
    minute: n,
    minute_ms: n * 60_000,
    status: "live",
    spotlight: null,
    notice: "",
    viewers: n,
    paid: 0,
    refused: {},
    alerts: null,
    units: [],
    terms: [],
    gone: [],
    ...found,
  };
}

const FIRST = minute(15, { units: [units("A", 5), units("B", 7)], terms: [term("A", 1), term("B", 2)], alerts: [] });

it("changes what differs, and keeps the rest", () => {
  const next = followed(FIRST, minute(16, { units: [units("B", 6)] }));
  expect(next.units).toEqual([units("A", 5), units("B", 6)]);
  expect(next.terms).toEqual(FIRST.terms);
  expect(next.alerts).toEqual([]);
  expect(next.viewers).toBe(16);
});

it("takes off the shelf what is gone, and puts what is new in its place", () => {
  const next = followed(FIRST, minute(16, { gone: ["A"], units: [units("C", 1)], terms: [term("C", 1)] }));
  expect(next.units.map(([sku]) => sku)).toEqual(["B", "C"]);
  expect(next.terms.map(({ sku }) => sku)).toEqual(["C", "B"]);
});

it("tells each minute of a part in whichever order it is asked", () => {
  const part = new Part(15, FIRST, [minute(16, { units: [units("A", 4)] }), minute(17, { units: [units("A", 2)] })]);
  const left = (n: number) => part.at(n)?.units.find(([sku]) => sku === "A")?.[1];
  expect([left(17), left(15), left(16)]).toEqual([2, 5, 4]);
  expect(part.at(14)).toBeUndefined();
  expect(part.at(18)).toBeUndefined();
});

it("finds the part of a minute", () => expect([0, 14, 15, 44].map(partOf)).toEqual([0, 0, 15, 30]));
