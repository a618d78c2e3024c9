import { signal } from "@preact/signals";
import { expect, it } from "vitest";
import type { CountLineItem, CountQuestionItem, CountRowItem } from "../../api/schema";
import type { LineDraft } from "./drafts";
import { groupsOf } from "./groups";

const QUESTION = { seq: 4, included: null } as CountQuestionItem;

function row(sku: string, more: Partial<CountRowItem> = {}): CountRowItem {
  const empty = {
    title: sku,
    shelf_zone: "",
    status: "uncounted",
    round: 1,
    may_count: true,
    lines: [],
    questions: [],
  };
  return { ...empty, sku, ...more } as unknown as CountRowItem;
}

const mine = (round: number, open = false) => ({ by: "anna", round, open }) as CountLineItem;

function entering(drafts: readonly LineDraft[] = []) {
  const value = signal<ReadonlyMap<string, LineDraft>>(new Map(drafts.map((each) => [each.sku, each])));
  return {
    ownOf: (of: CountRowItem) => of.lines.filter(({ by, round }) => by === "anna" && round === of.round),
    drafts: { value } as never,
  };
}

function named(rows: readonly CountRowItem[], drafts: readonly LineDraft[] = []) {
  const groups = groupsOf(rows, entering(drafts));
  const names = (each: readonly CountRowItem[]) => each.map(({ sku }) => sku);
  return Object.fromEntries(Object.entries(groups).map(([name, each]) => [name, names(each)]));
}

it("what is left is in the order that one walks in, what is counted behind it", () => {
  const rows = [
    row("C", { shelf_zone: "B2" }),
    row("A", { shelf_zone: "B1" }),
    row("D", { status: "counted", lines: [mine(1)] }),
    row("E", { status: "counted" }),
    row("F", { status: "counting", lines: [mine(1, true)] }),
  ];
  expect(named(rows)).toEqual({ asking: [], unsaved: [], left: ["F", "A", "C"], others: [], done: ["D", "E"] });
});

it("another round is for somebody else; what nobody counted in time is nobody's", () => {
  const rows = [
    row("MINE", { status: "recount", round: 1, may_count: true }),
    row("THEIRS", { status: "recount", may_count: false, lines: [mine(1)] }),
    row("NEVER", { status: "uncounted", may_count: false }),
  ];
  expect(named(rows)).toMatchObject({ left: ["MINE"], others: ["THEIRS"], done: [] });
});

it("what is typed and not saved stands apart, and a question stands beside whatever else there is", () => {
  const typed = { sku: "A", good: "7", bad: "", note: "", lot: "", expires: "" } as LineDraft;
  const opened = { ...typed, sku: "B", good: "" };
  const rows = [row("A"), row("B"), row("C", { status: "asks", lines: [mine(1)], questions: [QUESTION] })];
  expect(named(rows, [typed, opened])).toMatchObject({ asking: ["C"], unsaved: ["A"], left: ["B"], done: ["C"] });
});
