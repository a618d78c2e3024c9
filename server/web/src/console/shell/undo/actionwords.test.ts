import { beforeEach, describe, expect, it } from "vitest";
import { loadWords } from "../../../shared/i18n";
import type { ActionItem } from "../../api/schema";
import { WORDS } from "../../words/all";
import { actionText, KINDS_TOLD, type Names, type Told, whyNotText } from "./actionwords";
import { lastOwn } from "./own";

const action = (kind: string, more: Partial<ActionItem> = {}): ActionItem => ({
  id: kind,
  n: 1,
  at_ms: 0,
  actor: "li",
  kind,
  subject: "MUG-01",
  room: "",
  effect: [],
  rows: 0,
  fields: [],
  reason: "",
  text: "",
  what: "",
  why_not: "",
  undoable: true,
  undoes: "",
  undone_by: "",
  ...more,
});

const names = (known: readonly Told[] = [], data?: Record<string, unknown>): Names => ({
  titleOf: (sku) => (sku === "MUG-01" ? "Stoneware mug" : sku),
  actionOf: (id) => known.find((each) => each.kind === id),
  dataOf: () => data,
  roomOf: (room) => (room === "evening" ? "Evening show" : room),
});

const moved = { effect: [{ sku: "MUG-01", qty: 20, source: "pool", target: "channel:douyin" }], rows: 1 };

describe("an action in words", () => {
  beforeEach(() => loadWords(WORDS, "en"));

  it.each<[ActionItem, string]>([
    [action("allocate", moved), "Moved 20 of Stoneware mug: pool → douyin"],
    [
      action("release_elastic", { effect: [{ sku: "MUG-01", qty: 5, source: "elastic", target: "pool" }] }),
      "Released 5 of Stoneware mug from the elastic reserve to: pool",
    ],
    [action("freeze"), "Froze Stoneware mug"],
    [action("unfreeze", { subject: "douyin", what: "channel" }), "Thawed channel douyin"],
    [action("freeze", { subject: "pool", what: "pool" }), "Froze the whole pool"],
    [action("freeze", { subject: "evening", what: "room" }), "Froze room Evening show"],
    [action("define", { what: "sku", fields: ["title", "price_minor"] }), "Changed SKU Stoneware mug: title, price"],
    [action("define", { what: "pool", subject: "pool", fields: ["handover"] }), "Changed pool: handover note"],
    [action("unlist", { what: "listing", room: "evening" }), "Took Stoneware mug off the shelf of Evening show"],
    [action("cue", { text: "show the bottom" }), "Cue: “show the bottom”"],
    [action("notice"), "Took the notice back"],
    [action("catalogue", { rows: 40 }), "Wrote 40 rows of the catalogue"],
    [action("dance"), "dance: MUG-01"],
  ])("%#", (item, text) => {
    expect(actionText(item, names())).toBe(text);
  });

  it("an undo names what it took back, and a redo what is done again", () => {
    const known = [action("freeze"), action("undo", { undoes: "freeze" })];
    expect(actionText(action("undo", { undoes: "freeze" }), names(known))).toBe("Took back: Froze Stoneware mug");
    expect(actionText(action("undo", { undoes: "undo" }), names(known))).toBe("Did again: Froze Stoneware mug");
    expect(actionText(action("undo", { undoes: "long ago" }), names())).toBe("Took back: MUG-01");
  });

  it("a room's status and spotlight come from the event that belongs to them", () => {
    const told = action("status", { room: "evening" });
    expect(actionText(told, names([], { status: "paused" }))).toBe("Evening show: Paused");
    expect(actionText(told, names())).toBe("Changed the status of Evening show");
    const lit = action("spotlight", { room: "evening" });
    expect(actionText(lit, names([], { sku: "MUG-01" }))).toBe("Evening show: Stoneware mug on air");
    expect(actionText(lit, names([], { sku: "" }))).toBe("Evening show: nothing on air");
  });

  it.each(["en", "zh"] as const)("every kind has its words in %s", (language) => {
    loadWords(WORDS, language);
    for (const kind of KINDS_TOLD) {
      const text = actionText(action(kind, { ...moved, what: "sku", fields: ["title"], text: "x" }), names());
      expect(text, kind).not.toContain("action.");
      expect(text, kind).not.toContain("{{");
    }
  });

  it("why it cannot be undone is the page's word for the code, else the server's sentence", () => {
    expect(whyNotText({ why_not: "undone", reason: "it was undone already" })).toBe("Taken back already.");
    expect(whyNotText({ why_not: "NEW_CODE", reason: "for a new reason" })).toBe("for a new reason");
  });
});

describe("Ctrl+Z", () => {
  const list = [
    action("undo", { id: "u", undoes: "c" }),
    action("freeze", { id: "d", actor: "wang" }),
    action("freeze", { id: "c", undoable: false }),
    action("freeze", { id: "b" }),
    action("freeze", { id: "a" }),
  ];

  it("takes back one's own last that can be, and then the one before", () => {
    expect(lastOwn(list, "li")?.id).toBe("b");
    expect(lastOwn(list, "li", new Set(["b"]))?.id).toBe("a");
    expect(lastOwn(list, "wang")?.id).toBe("d");
    expect(lastOwn(list, "nobody")).toBeUndefined();
  });
});
