import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NEWS_MS, Notes, type Standing, UNPROVEN_MS } from "./notes";
import type { Obstacle } from "./offer";
import { sayingOfFate, sayingOfRefusal } from "./verdicts";

const open = (available: number): Standing => ({ offer: { kind: "open", later: false }, available });
const none = (because: Obstacle): Standing => ({ offer: { kind: "none", because }, available: 0 });

function noted(first: Standing) {
  const standing = signal(first);
  const notes = new Notes(() => standing.value);
  return { standing, notes, note: notes.of("MUG") };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("an answer about the stock", () => {
  test.each([
    ["SOLD_OUT", none("sold_out"), open(100)],
    ["ALL_HELD", none("all_held"), none("sold_out")],
    ["PAUSED", none("room_paused"), open(3)],
  ] as const)("%s goes when it is not true any more, and does not come back", (code, so, otherwise) => {
    const { standing, notes, note } = noted(so);
    notes.set("MUG", sayingOfRefusal({ code, message: "" }));
    vi.advanceTimersByTime(10 * UNPROVEN_MS);
    expect(note.value?.key).toBe(`refused.${code}`);
    standing.value = otherwise;
    expect(note.value).toBeNull();
    standing.value = so;
    expect(note.value).toBeNull();
  });

  test("that comes before its count waits for it", () => {
    const { standing, notes, note } = noted(open(5));
    notes.set("MUG", sayingOfRefusal({ code: "INSUFFICIENT", message: "", available: 2 }));
    expect(note.value?.key).toBe("refused.INSUFFICIENT_LEFT");
    standing.value = open(2);
    vi.advanceTimersByTime(2 * UNPROVEN_MS);
    expect(note.value).not.toBeNull();
    standing.value = open(1);
    expect(note.value).toBeNull();
  });

  test("that no count bears out goes by itself", () => {
    const { notes, note } = noted(open(5));
    notes.set("MUG", sayingOfRefusal({ code: "SOLD_OUT", message: "" }));
    vi.advanceTimersByTime(UNPROVEN_MS);
    expect(note.value).toBeNull();
  });

  test("ends nothing that was said after it", () => {
    const { standing, notes, note } = noted(none("sold_out"));
    notes.set("MUG", sayingOfRefusal({ code: "SOLD_OUT", message: "" }));
    notes.set("MUG", sayingOfRefusal({ code: "BLOCKED", message: "" }));
    standing.value = open(3);
    vi.advanceTimersByTime(10 * UNPROVEN_MS);
    expect(note.value?.key).toBe("refused.BLOCKED");
  });
});

test("an answer that invites to press again goes where there is nothing to press", () => {
  const { standing, notes, note } = noted(open(3));
  notes.set("MUG", { key: "unanswered.reserve", values: {}, tone: "wait" });
  vi.advanceTimersByTime(10 * NEWS_MS);
  expect(note.value).not.toBeNull();
  standing.value = none("room_ended");
  expect(note.value).toBeNull();
});

test("an answer to a wish to wait goes where there is no place on the list to be had any more", () => {
  const wait: Standing = { offer: { kind: "wait", because: "all_held", later: false }, available: 0 };
  const { standing, notes, note } = noted(wait);
  notes.set("MUG", { key: "unanswered.wait", values: {}, tone: "wait", toWait: true });
  vi.advanceTimersByTime(10 * NEWS_MS);
  expect(note.value).not.toBeNull();
  standing.value = open(1);
  expect(note.value).toBeNull();
});

test("that there is none stays true where it can be waited for", () => {
  const { notes, note } = noted({ offer: { kind: "wait", because: "sold_out", later: false }, available: 0 });
  notes.set("MUG", sayingOfRefusal({ code: "SOLD_OUT", message: "" }));
  vi.advanceTimersByTime(10 * UNPROVEN_MS);
  expect(note.value?.key).toBe("refused.SOLD_OUT");
});

test("that a customer has reached the limit stays for as long as there is something to press", () => {
  const { standing, notes, note } = noted(open(3));
  notes.set("MUG", sayingOfRefusal({ code: "LIMIT_PER_USER", message: "" }));
  vi.advanceTimersByTime(10 * UNPROVEN_MS);
  standing.value = open(2);
  expect(note.value?.key).toBe("refused.LIMIT_PER_USER");
  standing.value = none("sold_out");
  expect(note.value).toBeNull();
});

test("what is said of a hold stays until something else is", () => {
  const { standing, notes, note } = noted(none("limit"));
  notes.set("MUG", { key: "unanswered.cancel", values: {}, tone: "wait" });
  standing.value = none("all_held");
  vi.advanceTimersByTime(10 * NEWS_MS);
  expect(note.value?.key).toBe("unanswered.cancel");
});

test("what became of a reservation is news for a while", () => {
  const { notes, note } = noted(none("sold_out"));
  notes.set("MUG", sayingOfFate("paid", 1));
  vi.advanceTimersByTime(NEWS_MS - 1);
  expect(note.value?.key).toBe("fate.paid_long");
  vi.advanceTimersByTime(1);
  expect(note.value).toBeNull();
});
