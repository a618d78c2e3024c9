import type { ActionRow } from "@shelfcast/client/pool";
import { beforeEach, expect, it } from "vitest";
import { loadWords } from "../../../shared/i18n";
import type { ActionItem } from "../../api/schema";
import { WORDS } from "../../words/all";
import type { Names } from "../undo/actionwords";
import { happened, TOLD_MAX } from "./happened";

const names: Names = {
  titleOf: (sku) => (sku === "MUG-01" ? "Stoneware mug" : sku),
  actionOf: () => undefined,
  dataOf: ({ id, kind }) => events.find((event) => event.action === id && event.type === kind)?.data,
  roomOf: (room) => room,
};

const event = (n: number, type: string, data: Record<string, unknown>, more: Partial<ActionRow> = {}): ActionRow => ({
  n,
  at_ms: n * 1_000,
  type,
  room: "evening",
  subject: "MUG-01",
  data,
  actor: "li",
  action: "",
  ...more,
});

const events = [
  event(1, "frozen", { scope: "sku", frozen: true }, { action: "f" }),
  event(2, "action", { kind: "freeze", what: "", undoable: true }, { action: "f" }),
  event(3, "status", { status: "paused", before: "live" }, { action: "s", subject: "evening" }),
  event(4, "action", { kind: "status", what: "room" }, { action: "s", subject: "evening" }),
  event(5, "batch_opened", { skus: 2 }, { actor: "", subject: "wave-2" }),
  event(6, "batch_closed", { missed: true }, { actor: "", subject: "wave-1" }),
  event(7, "action", { kind: "undo", undoes: "f" }, { action: "undo:f" }),
  event(8, "undone", { kind: "freeze", undone: "f" }, { action: "undo:f" }),
  event(9, "action", { kind: "allocate", effect: [["MUG-01", 20, "pool", "channel:live"]], rows: 1 }, { action: "m" }),
  event(
    11,
    "alert.fired",
    { alert: "a", rule: "share_left", sku: "MUG-01", tier_percent: 10, value: 0.1, severity: "warning" },
    { actor: "" },
  ),
  event(10, "proposal", { state: "open", units: 40 }, { actor: "", subject: "main.1" }),
];

beforeEach(() => loadWords(WORDS, "en"));

it("tells once what was done, and what happened by itself, the newest first", () => {
  const moved: ActionItem = {
    ...{ id: "m", n: 9, at_ms: 9_000, actor: "li", kind: "allocate", subject: "MUG-01", room: "", rows: 1, fields: [] },
    ...{ reason: "", text: "", what: "", why_not: "", undoable: true, undoes: "", undone_by: "" },
    effect: [{ sku: "MUG-01", qty: 20, source: "pool", target: "channel:douyin" }],
  };
  const story = happened(events, [moved], 0, names);
  expect(story.map(({ n, who, text }) => [n, who, text])).toEqual([
    [11, "", "Alert: Stoneware mug: ≤ 10% left"],
    [10, "", "A proposal to move 40 units came up"],
    [9, "li", "Moved 20 of Stoneware mug: pool → douyin"],
    [7, "li", "Took back: MUG-01"],
    [6, "", "Batch wave-1: its time went by unseen"],
    [5, "", "Batch wave-2 opened"],
    [4, "li", "evening: Paused"],
    [2, "li", "Froze Stoneware mug"],
  ]);
});

it("begins at the time that is asked for, and tells an action that is not in the list by its event", () => {
  expect(happened(events, [], 9_000, names).map(({ text }) => text)).toEqual([
    "Alert: Stoneware mug: ≤ 10% left",
    "A proposal to move 40 units came up",
    "Moved 20 of Stoneware mug: pool → live",
  ]);
  const old = event(1, "action", { kind: "allocate" });
  expect(happened([old], [], 0, names)[0]?.text).toBe("Moved units of Stoneware mug");
  expect(happened(events, [], 12_000, names)).toEqual([]);
});

it("tells no more than so much, the newest of it", () => {
  const many = Array.from({ length: TOLD_MAX + 10 }, (_, n) => event(n + 1, "batch_opened", {}, { subject: `b${n}` }));
  const story = happened(many, [], 0, names);
  expect(story).toHaveLength(TOLD_MAX);
  expect(story[0]?.n).toBe(TOLD_MAX + 10);
});
