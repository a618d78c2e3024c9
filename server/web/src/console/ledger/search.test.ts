import { expect, test } from "vitest";
import type { Answer } from "../api/client";
import type { LedgerEntry, LedgerPage, ReservationStory } from "../api/schema";
import { EMPTY, fieldOf, queryOf } from "./query";
import { LOOKS_MAX, PAGE, Searching } from "./search";
import { exactTime, momentOf } from "./when";

const ok = <T>(value: T): Answer<T> => ({ ok: true, value, action: "", etag: "" });
const refused: Answer<never> = { ok: false, status: 422, problem: { field: "sku" }, again: false };
const entries = (...seqs: number[]) => seqs.map((pool_seq) => ({ pool_seq }) as LedgerEntry);
const page = (next: number | null, ...seqs: number[]): LedgerPage => ({
  entries: entries(...seqs),
  next,
  complete: next === null,
  archived_through: null,
});

/** A search whose answers are given; what it was asked is kept. */
function searching(answers: Answer<LedgerPage>[], stories: Answer<ReservationStory>[] = []) {
  const asked: unknown[] = [];
  const made = new Searching({
    search: async (query) => {
      asked.push(query);
      return answers.shift() ?? refused;
    },
    story: async (id, query) => {
      asked.push([id, query]);
      return stories.shift() ?? refused;
    },
  });
  return { made, asked };
}

test("a field without a word says nothing, and words lose the spaces around them", () => {
  expect(queryOf(EMPTY)).toEqual({});
  expect(queryOf({ ...EMPTY, sku: " 杯子 大号 ", user: " ", order: "pay 7" })).toEqual({
    sku: "杯子 大号",
    order: "pay 7",
  });
});

test("a time is that of the device, and until a minute is to its last moment", () => {
  const at = new Date(2026, 10, 30, 20, 14).getTime();
  expect([momentOf("2026-11-30T20:14"), momentOf("2026-11-30T20:14", true)]).toEqual([at, at + 59_999]);
  expect([momentOf("2026-11-30T20:14:03"), momentOf("2026-11-30T20:14:03", true)]).toEqual([at + 3_000, at + 3_999]);
  expect(["", "tomorrow", "2026-11-30", "2026-13-45T99:99"].map((field) => momentOf(field))).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(queryOf({ ...EMPTY, from: "2026-11-30T20:14", to: "2026-11-30T20:14" })).toEqual({
    from_ms: at,
    to_ms: at + 59_999,
  });
});

test("a moment of another day has its day", () => {
  const at = new Date(2026, 10, 30, 20, 14, 3).getTime();
  const [same, other] = [exactTime(at, at + 1), exactTime(at, at + 86_400_000)];
  expect(same).toContain("14:03");
  expect(other).toContain("14:03");
  expect(other.length).toBeGreaterThan(same.length);
  expect(exactTime(8.64e15 + 1, at)).toBe("");
});

test("the server's names for fields are the form's", () => {
  expect(["from_ms", "to_ms", "sku", "limit"].map(fieldOf)).toEqual(["from", "to", "sku", null]);
});

test("a look goes on until it has found enough, or nothing older is left", async () => {
  const { made, asked } = searching([ok(page(90)), ok(page(40, 80, 70)), ok(page(null, 30))]);
  made.form.value = { ...EMPTY, sku: "mug" };
  await made.search();
  expect(asked).toEqual([
    { sku: "mug", limit: PAGE },
    { sku: "mug", limit: PAGE, before: 90 },
    { sku: "mug", limit: PAGE - 2, before: 40 },
  ]);
  expect(made.found.value).toEqual({ entries: entries(80, 70, 30), next: null, isArchived: false });
  expect(made.busy.value).toBe(false);
});

test("where nothing is near it stops, says how far it came, and looks further when asked", async () => {
  const { made, asked } = searching([
    ...Array.from({ length: LOOKS_MAX }, (_, n) => ok(page(100 - n))),
    ok(page(null, 5)),
  ]);
  await made.search();
  expect([asked.length, made.found.value]).toEqual([
    LOOKS_MAX,
    { entries: [], next: 100 - LOOKS_MAX + 1, isArchived: false },
  ]);
  await made.more();
  expect(made.found.value).toEqual({ entries: entries(5), next: null, isArchived: false });
  await made.more();
  expect(asked.length).toBe(LOOKS_MAX + 1);
});

test("a search that is refused says why, and keeps what it had", async () => {
  const { made } = searching([ok(page(7, ...Array.from({ length: PAGE }, (_, n) => 100 - n))), refused]);
  await made.search();
  await made.more();
  expect(made.found.value?.entries.length).toBe(PAGE);
  expect(made.fault.value).toMatchObject({ status: 422, problem: { field: "sku" } });
});

test("an answer that comes after another search has begun is let go", async () => {
  let release: (answer: Answer<LedgerPage>) => void = () => {};
  const late = new Promise<Answer<LedgerPage>>((resolve) => {
    release = resolve;
  });
  const answers = [late, Promise.resolve(ok(page(null, 2)))];
  const made = new Searching({ search: () => answers.shift() ?? late, story: async () => refused });
  const first = made.search();
  await made.search();
  release(ok(page(null, 1)));
  await first;
  expect(made.found.value).toEqual({ entries: entries(2), next: null, isArchived: false });
});

test("a story is read to its end", async () => {
  const part = (next: number | null, ...seqs: number[]): Answer<ReservationStory> =>
    ok({ reservation: null, steps: entries(...seqs), next, complete: next === null, archived_through: null });
  const { made, asked } = searching([], [part(9, 1, 2), part(null, 12)]);
  await made.tell("r1", 2);
  expect(asked).toEqual([
    ["r1", { near: 2 }],
    ["r1", { after: 9 }],
  ]);
  expect(made.story.value).toMatchObject({ steps: entries(1, 2, 12), complete: true });
  made.close();
  expect([made.open.value, made.story.value]).toEqual(["", null]);
  await made.tell("r2");
  expect(made.storyFault.value).toMatchObject({ status: 422 });
});
