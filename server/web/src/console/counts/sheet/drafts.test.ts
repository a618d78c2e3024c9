import { beforeEach, expect, it, vi } from "vitest";
import { Drafts, isTyped, type LineDraft } from "./drafts";

const KEPT = new Map<string, string>();
const DRAFT: LineDraft = {
  sku: "MUG-01",
  mends: null,
  opened: { line: 3, begunSeq: 17, zone: "A1" },
  key: "k",
  zone: "A1",
  lot: "",
  expires: "",
  good: "12",
  bad: "",
  note: "",
};

beforeEach(() => {
  KEPT.clear();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => KEPT.get(name) ?? null,
    setItem: (name: string, text: string) => KEPT.set(name, text),
  });
});

it("keeps what is typed until it is saved, for one person on one sheet", () => {
  new Drafts("main", "a", "anna").put(DRAFT);
  expect([...new Drafts("main", "a", "anna").value.value.values()]).toEqual([DRAFT]);
  for (const [pool, count, user] of [
    ["other", "a", "anna"],
    ["main", "b", "anna"],
    ["main", "a", "ben"],
  ] as const) {
    expect(new Drafts(pool, count, user).value.value.size).toBe(0);
  }
  new Drafts("main", "a", "anna").drop("MUG-01");
  expect(new Drafts("main", "a", "anna").value.value.size).toBe(0);
});

it("passes over what another version has kept", () => {
  new Drafts("main", "a", "anna").put(DRAFT);
  const [name = ""] = KEPT.keys();
  for (const text of ["{", '"a"', '[{"sku": "MUG-01"}]', "[null]"]) {
    KEPT.set(name, text);
    expect(new Drafts("main", "a", "anna").value.value.size).toBe(0);
  }
});

it("one that was only opened is not typed", () => {
  expect(isTyped(DRAFT)).toBe(true);
  expect(isTyped({ ...DRAFT, good: "" })).toBe(false);
  expect(isTyped({ ...DRAFT, good: "", note: "torn" })).toBe(true);
});
