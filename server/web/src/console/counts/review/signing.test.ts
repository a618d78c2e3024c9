import { expect, it } from "vitest";
import type { CountItem } from "../../api/schema";
import { nextOf } from "./signing";

function count(signers: readonly string[], needed: number, more: Partial<CountItem> = {}): CountItem {
  const signatures = signers.map((by) => ({ by, at_ms: 1 }));
  const open = { state: "review", asking: 0, recounts: 0, unreasoned: 0 };
  return { ...open, signatures, signatures_needed: needed, ...more } as CountItem;
}

it.each([
  [[], 1, "apply"],
  [["li"], 1, "apply"],
  [["wang"], 1, "apply"],
  [[], 2, "sign"],
  [["wang"], 2, "wait"],
  [["li"], 2, "apply"],
  [["li", "wang"], 2, "apply"],
])("signed by %j of %d needed, wang's next step is to %s", (signers, needed, kind) =>
  expect(nextOf(count(signers, needed), "wang").kind).toBe(kind),
);

it("nobody signs what asks, is to be counted again, lacks a reason, or is not looked at yet", () => {
  for (const waits of [{ asking: 1 }, { recounts: 1 }, { unreasoned: 1 }]) {
    expect(nextOf(count([], 1, waits), "wang").kind).toBe("blocked");
  }
  expect(nextOf(count([], 1, { state: "counting" }), "wang").kind).toBe("over");
  expect(nextOf(count([], 1, { recounts: null }), "wang").kind).toBe("hidden");
  expect(nextOf(count(["wang"], 2, { state: "applying" }), "wang").kind).toBe("apply");
});
