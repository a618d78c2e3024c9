import { expect, it } from "vitest";
import { addressOf, whereOf } from "./address";

const NOWHERE = { pool: "", room: "", view: "board" };

it.each([
  ["", NOWHERE],
  ["#", NOWHERE],
  ["#token=eyJhbGciOiJIUzI1NiJ9.e30.x/y", NOWHERE],
  ["#/main", { pool: "main", room: "", view: "board" }],
  ["#/main/-/before", { pool: "main", room: "", view: "before" }],
  ["#/main/evening/nothing", { pool: "main", room: "evening", view: "board" }],
  ["#/main/-/counts/count/a%2Fb", { pool: "main", room: "", view: "counts", part: "count/a/b" }],
  ["#/main/-/nothing/else", { pool: "main", room: "", view: "board" }],
  ["#/main/%E0%A4%A/ledger", { pool: "main", room: "", view: "ledger" }],
])("%j is the place %j", (fragment, place) => expect(whereOf(fragment)).toEqual(place));

it("says a place so that it is found again", () => {
  const place = { pool: "main", room: "evening", view: "emergency" as const };
  expect(whereOf(addressOf(place))).toEqual(place);
  const within = { ...place, view: "counts" as const, part: "count/每晚 1" };
  expect(whereOf(addressOf(within))).toEqual(within);
});
