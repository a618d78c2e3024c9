import { expect, it } from "vitest";
import { planOf, type RunOrder, withPlan } from "./slots";

const ORDER: RunOrder = ["mug", { sku: "cup", minutes: 5, note: "blue first" }, "pot"];
const NONE = { minutes: null, expected_units: null, note: "" };

it("reads a place of the run order, long or short", () => {
  expect(planOf(ORDER, "mug")).toEqual({ planned: true, ...NONE });
  expect(planOf(ORDER, "cup")).toEqual({ planned: true, minutes: 5, expected_units: null, note: "blue first" });
  expect(planOf(ORDER, "jar")).toEqual({ planned: false, ...NONE });
});

it("changes a place where it stands, puts a new one last, and takes one out", () => {
  const longer = { planned: true, ...NONE, minutes: 8 };
  expect(withPlan(ORDER, "mug", longer)).toEqual([{ sku: "mug", ...NONE, minutes: 8 }, ORDER[1], "pot"]);
  expect(withPlan(ORDER, "jar", { planned: true, ...NONE })).toEqual([...ORDER, "jar"]);
  expect(withPlan(ORDER, "cup", { planned: true, ...NONE })).toEqual(["mug", "cup", "pot"]);
  expect(withPlan(ORDER, "cup", { planned: false, ...NONE })).toEqual(["mug", "pot"]);
});
