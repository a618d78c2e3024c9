import { expect, it } from "vitest";
import { placeOf, textOf } from "./place";

it.each([
  ["", { show: "", tab: "reconciliation", detail: "" }],
  ["-/reconciliation", { show: "", tab: "reconciliation", detail: "" }],
  ["evening.7", { show: "evening.7", tab: "reconciliation", detail: "" }],
  ["evening.7/report", { show: "evening.7", tab: "report", detail: "" }],
  ["-/days/SKU 1", { show: "", tab: "days", detail: "SKU 1" }],
  ["evening.7/nothing/more", { show: "evening.7", tab: "reconciliation", detail: "" }],
  ["evening.7/reconciliation/A/1", { show: "evening.7", tab: "reconciliation", detail: "A/1" }],
])("%j is the place %j", (text, place) => expect(placeOf(text)).toEqual(place));

it("says a place so that it is found again", () => {
  const place = { show: "evening.7", tab: "reconciliation", detail: "A/1" } as const;
  expect(placeOf(textOf(place))).toEqual(place);
});
