import { expect, it } from "vitest";
import { may } from "./rights";

it("an operator may do everything, a service may let go on but not stop, nobody else is told of a pool", () => {
  expect(may({ role: "operator", rooms: null }, "freeze")).toBe(true);
  expect(may({ role: "service", rooms: null }, "keep")).toBe(true);
  expect(may({ role: "service", rooms: null }, "freeze")).toBe(false);
  expect(may({ role: "service", rooms: null }, "direct")).toBe(false);
  for (const role of ["host", "viewer", "counter"] as const) expect(may({ role, rooms: null }, "pool")).toBe(false);
  expect(may(null, "pool")).toBe(false);
});

it("a counter may enter what it finds, and is told of no pool; a program signs nothing", () => {
  expect(may({ role: "counter", rooms: null }, "count")).toBe(true);
  expect(may({ role: "counter", rooms: null }, "take_in")).toBe(true);
  expect(may({ role: "counter", rooms: null }, "sign")).toBe(false);
  expect(may({ role: "operator", rooms: null }, "sign")).toBe(true);
  for (const right of ["count", "sign"] as const) expect(may({ role: "service", rooms: null }, right)).toBe(false);
});

it("a session for single rooms reaches no pool", () => {
  expect(may({ role: "operator", rooms: ["evening"] }, "pool")).toBe(false);
});
