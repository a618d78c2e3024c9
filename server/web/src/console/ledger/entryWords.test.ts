import { afterEach, describe, expect, it, test } from "vitest";
import { type Language, loadWords } from "../../shared/i18n";
import type { LedgerEntry, Reservation, ReservationStory } from "../api/schema";
import { WORDS } from "../words/all";
import { isOfReservation, type Names, type Step, stepsOf, stepWords } from "./entryWords";
import { linesOf, standingOf } from "./storyWords";

const NAMES: Names = {
  titleOf: (sku) => (sku === "MUG" ? "Mug" : sku),
  timeOf: (atMs) => `20:${String(atMs).padStart(2, "0")}`,
};

let seq = 0;
function entry(kind: string, changes: Partial<LedgerEntry> = {}): LedgerEntry {
  seq += 1;
  const who = { id: "r1", user: "li", actor: "li", channel: "live", room: "evening", show: "evening.1" };
  const said = { reference: "", reason: "", price_minor: 990, currency: "CNY", limit: null, window: "" };
  const amounts = { paid_minor: null, refunded_minor: null };
  const units = { sku: "MUG", qty: 2, source: "pool", target: "held:live" };
  return { seq, pool_seq: seq, at_ms: 14, kind, ...who, ...said, ...amounts, ...units, ...changes };
}

function say(language: Language, kind: string, changes: Partial<LedgerEntry> = {}): string {
  loadWords(WORDS, language);
  return stepWords([entry(kind, changes)], NAMES);
}

const SENTENCES: readonly (readonly [string, Partial<LedgerEntry>, string, string])[] = [
  [
    "reserve",
    { source: "channel:live" },
    "held 2 of Mug for li from channel live",
    "从渠道 live 为 li 预占「Mug」2 件",
  ],
  ["confirm", { paid_minor: 1980, actor: "erp" }, "paid CN¥19.80, by erp", "已付款 ¥19.80，操作人 erp"],
  ["confirm", { reference: "pay 7" }, "paid, reference pay 7", "已付款，凭证号 pay 7"],
  [
    "cancel",
    { source: "held:live", target: "pool", actor: "wang", reason: "changed her mind" },
    "gave 2 of Mug back to the pool, by wang, reason: changed her mind",
    "「Mug」2 件退回总池，操作人 wang，原因：changed her mind",
  ],
  [
    "expire",
    { source: "held:live", target: "batch:b2", actor: "book" },
    "time ran out: 2 of Mug went back to batch b2",
    "超时未付款：「Mug」2 件回到批次 b2",
  ],
  [
    "paid_no_stock",
    { qty: 0, source: "outside", target: "outside" },
    "paid after the time had run out, and none of Mug were left",
    "超时之后才付款，「Mug」已无货",
  ],
  ["refund", { refunded_minor: 500 }, "CN¥5.00 went back", "已退款 ¥5.00"],
  [
    "refund_only",
    { qty: 0, source: "outside", target: "outside", refunded_minor: 500 },
    "CN¥5.00 went back without goods",
    "仅退款 ¥5.00",
  ],
  ["ship", { source: "sold:live", target: "shipped" }, "shipped 2 of Mug", "发货「Mug」2 件"],
  [
    "cancel_paid",
    { source: "sold:live", target: "pool", refunded_minor: 990, qty: 1 },
    "took 1 paid of Mug back, and CN¥9.90 went back",
    "收回已付款的「Mug」1 件，退款 ¥9.90",
  ],
  [
    "external_oversold",
    { source: "outside", target: "external_oversold:jd", channel: "jd", qty: 3, user: "", actor: "" },
    "jd sold 3 of Mug more than there were",
    "jd 超卖「Mug」3 件",
  ],
  [
    "allocate",
    { source: "pool", target: "channel:live", user: "", actor: "wang" },
    "moved 2 of Mug: the pool → channel live, by wang",
    "调拨「Mug」2 件：总池 → 渠道 live，操作人 wang",
  ],
  [
    "freeze",
    { sku: "", qty: 0, reference: "channel:live", user: "", actor: "wang", reason: "smoke" },
    "froze channel live, by wang, reason: smoke",
    "冻结渠道 live，操作人 wang，原因：smoke",
  ],
  [
    "unfreeze",
    { sku: "", qty: 0, reference: "pool", user: "", actor: "wang" },
    "thawed the whole pool, by wang",
    "解冻整个库存池，操作人 wang",
  ],
  ["freeze", { qty: 0, user: "", actor: "wang" }, "froze Mug, by wang", "冻结「Mug」，操作人 wang"],
  [
    "something_new",
    { source: "attic", target: "pool", user: "", actor: "" },
    "2 of Mug: attic → the pool",
    "「Mug」2 件：attic → 总池",
  ],
];

describe.each(SENTENCES)("an entry of kind %s", (kind, changes, english, chinese) => {
  it("is a sentence in English", () => {
    expect(say("en", kind, changes).replaceAll("\u00a0", " ")).toBe(english);
  });

  it("and in Chinese", () => {
    expect(say("zh", kind, changes)).toBe(chinese);
  });
});

afterEach(() => loadWords(WORDS, "en"));

test("units from several places are one step, and those of another call are another", () => {
  const [own, pool] = [entry("reserve", { source: "channel:live", qty: 2 }), entry("reserve", { qty: 1 })];
  const [paid, other] = [entry("confirm", { at_ms: 15, qty: 3 }), entry("confirm", { at_ms: 15, id: "r2" })];
  const steps = stepsOf([own, pool, paid, other]);
  expect(steps.map((step) => step.length)).toEqual([2, 1, 1]);
  loadWords(WORDS, "en");
  expect(stepWords(steps[0] as Step, NAMES)).toBe("held 3 of Mug for li from channel live and the pool");
  expect(stepsOf([other, paid, pool, own]).map((step) => step.length)).toEqual([1, 1, 2]);
});

test("what was owed and given back of an order is counted once", () => {
  const given = entry("settle", { id: "jd-8", source: "pool", target: "sold:jd", qty: 1 });
  const owed = entry("settle", { id: "jd-8", source: "external_oversold:jd", target: "outside", qty: 1 });
  loadWords(WORDS, "en");
  expect(stepWords([given, owed], NAMES)).toBe("gave 1 of Mug for what was owed, from the pool");
});

test("a story is told from above, and says until when it was held", () => {
  const steps = [
    entry("reserve", { source: "channel:live" }),
    entry("confirm", { at_ms: 15, paid_minor: 1980, actor: "pay", source: "held:live", target: "sold:live" }),
  ];
  const reservation = { qty: 2, sku: "MUG", user: "li", state: "confirmed", expires_at_ms: 19 } as Reservation;
  const story: ReservationStory = { reservation, steps, next: null, complete: true, archived_through: null };
  const lines = (language: Language) => {
    loadWords(WORDS, language);
    return linesOf(story, NAMES).map(({ atMs, says }) => `${NAMES.timeOf(atMs)} ${says.replaceAll("\u00a0", " ")}`);
  };
  expect(lines("en")).toEqual([
    "20:14 held 2 of Mug for li from channel live, until 20:19",
    "20:15 paid CN¥19.80, by pay",
  ]);
  expect(lines("zh")).toEqual([
    "20:14 从渠道 live 为 li 预占「Mug」2 件，保留到 20:19",
    "20:15 已付款 ¥19.80，操作人 pay",
  ]);
  expect(standingOf(story, NAMES)).toBe("li 的「Mug」2 件 · 已付款");
  loadWords(WORDS, "en");
  expect(standingOf(story, NAMES)).toBe("2 of Mug for li · paid");
  expect(standingOf({ ...story, reservation: null }, NAMES)).toBe("2 of Mug for li");
  expect(standingOf({ ...story, reservation: null, steps: [] }, NAMES)).toBe("");
});

test("only what is about a reservation has a story", () => {
  expect(["reserve", "ship", "settle"].every(isOfReservation)).toBe(true);
  expect(["receive", "freeze", "undo", ""].some(isOfReservation)).toBe(false);
});
