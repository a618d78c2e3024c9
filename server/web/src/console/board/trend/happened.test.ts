import type { ActionRow } from "@shelfcast/client/pool";
import { expect, it } from "vitest";
import { explaining, happened } from "./happened";

let n = 0;
const event = (type: string, subject: string, data: Record<string, unknown>, room = "evening"): ActionRow => {
  n += 1;
  return { n, at_ms: n * 1_000, type, room, subject, data, actor: "li", action: "" } as ActionRow;
};

it.each([
  ["another room's spotlight", event("spotlight", "other", { sku: "mug", before: "" }, "other"), null],
  ["its turn on air", event("spotlight", "evening", { sku: "mug", before: "" }), "on_air"],
  ["the end of its turn", event("spotlight", "evening", { sku: "bowl", before: "mug" }), "off_air"],
  ["another's turn", event("spotlight", "evening", { sku: "bowl", before: "cup" }), null],
  ["its freeze", event("frozen", "mug", { scope: "sku", frozen: true }, ""), "frozen"],
  ["another's freeze", event("frozen", "bowl", { scope: "sku", frozen: true }, ""), null],
  ["the pool's freeze", event("frozen", "pool", { scope: "pool", frozen: true }, ""), "frozen"],
  ["a batch", event("batch_opened", "second", { skus: 3 }, ""), "batch_opened"],
  ["its terms", event("definition", "mug", { what: "listing", parent: "evening", key: "mug", fields: [] }), "terms"],
  ["terms elsewhere", event("definition", "mug", { what: "listing", parent: "other", key: "mug", fields: [] }), null],
  ["its release", event("action", "mug", { kind: "release_elastic", undoable: true }, ""), "units"],
  ["a cue", event("action", "evening", { kind: "cue", undoable: false }), null],
  ["an undo", event("undone", "mug", { kind: "undo", undone: "x" }, ""), "undone"],
  ["an alert", event("alert.fired", "mug", { rule: "share_left" }), null],
])("%s", (_name, one, says) => expect(happened(one, "evening", "mug")?.says ?? null).toBe(says));

it("the room's trend is explained by all that is on air in it", () => {
  expect(happened(event("spotlight", "evening", { sku: "bowl", before: "mug" }), "evening", null)?.value).toBe("bowl");
});

it("of many the last are shown, in their order", () => {
  const events = [1, 2, 3, 4].map(() => event("batch_opened", `batch-${n}`, { skus: 1 }, ""));
  const since = events[1]?.at_ms ?? 0;
  expect(explaining(events, "evening", "mug", since, 9).map((each) => each.n)).toEqual(events.slice(1).map((e) => e.n));
  expect(explaining(events, "evening", "mug", 0, 2).map((each) => each.n)).toEqual(events.slice(2).map((e) => e.n));
});
