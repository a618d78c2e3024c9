import { beforeAll, expect, it } from "vitest";
import { loadWords } from "../../../shared/i18n";
import { WORDS } from "../../words/all";
import { freeName } from "../form/freeName";
import { batchText, bodyOf, missing, type NewBatch } from "./batch";

const BATCH: NewBatch = {
  name: "wave-2",
  title: "Wave 2",
  opensAtMs: null,
  closesAtMs: null,
  channel: "",
  exclusive: false,
  limit: null,
  leftover: "pool",
  lines: [
    { sku: "mug", units: 40 },
    { sku: "cup", units: 5 },
  ],
};
const inPool = (sku: string) => ({ mug: 100, cup: 20 })[sku] ?? 0;
const titleOf = (sku: string) => ({ mug: "Mug", cup: "Cup" })[sku] ?? sku;
const text = (batch: NewBatch) => batchText(batch, inPool, titleOf, (channel) => channel);

beforeAll(() => loadWords(WORDS, "en"));

it("says what it takes from where, when, and where the rest goes", () => {
  expect(text(BATCH)).toBe(
    "Takes out of the pool now: 40 of Mug (pool 100 → 60); 5 of Cup (pool 20 → 15). On sale for all shared channels when " +
      "you open it. It stays open until you close it.",
  );
  const closes = text({ ...BATCH, channel: "douyin", closesAtMs: 0, leftover: "elastic", exclusive: true });
  expect(closes).toContain("for douyin when you open it");
  expect(closes).toContain("what is left goes to the elastic reserve. Meanwhile the pool's units");
});

it("says what is missing yet", () => {
  expect(missing(BATCH, inPool, titleOf)).toBe("");
  expect(missing({ ...BATCH, lines: [] }, inPool, titleOf)).toContain("at least one article");
  expect(missing({ ...BATCH, lines: [{ sku: "cup", units: 21 }] }, inPool, titleOf)).toBe(
    "Of Cup only 20 are free in the pool.",
  );
  expect(missing({ ...BATCH, opensAtMs: 5, closesAtMs: 5 }, inPool, titleOf)).toContain("before it opens");
});

it("sends what was typed, and no channel where it is for all", () => {
  expect(bodyOf(BATCH)).toEqual({
    title: "Wave 2",
    opens_at_ms: null,
    closes_at_ms: null,
    exclusive: false,
    limit_per_user: null,
    leftover: "pool",
    units: { mug: 40, cup: 5 },
  });
  expect(bodyOf({ ...BATCH, channel: "douyin" }).channel).toBe("douyin");
});

it.each([
  ["Wave 2", [], "wave-2"],
  ["Wave 2", ["wave-2"], "wave-2-2"],
  ["第二批", [], "batch-1"],
  ["第二批", ["batch-1"], "batch-2"],
  ["  –Été!– ", [], "e-te"],
])("%j with %j taken is called %s", (title, taken, name) => expect(freeName(title, taken, "batch")).toBe(name));
