import { describe, expect, it } from "vitest";
import { LastWords } from "./lastword";

const refused = (code: string, available: number | null = null) => ({
  type: "refused" as const,
  id: "r1",
  code,
  message: "",
  retry: "later" as const,
  retry_after_ms: null,
  available,
  field: null,
});
const shown = { available: 1, held: 4 };

describe("the server's last word on a SKU", () => {
  it.each([
    ["SOLD_OUT", "sold_out"],
    ["BATCH_EXHAUSTED", "sold_out"],
    ["ALL_HELD", "all_held"],
    ["INSUFFICIENT", null],
    ["PAUSED", null],
  ])("%s means %s until another count comes", (code, lack) => {
    const words = new LastWords();
    words.heard("MUG", refused(code), shown);
    expect(words.lack("MUG", shown)).toBe(lack);
    expect(words.lack("MUG", { available: 0, held: 5 })).toBeNull();
    expect(words.lack("BOWL", shown)).toBeNull();
  });

  it("says how many one wish may be for until something comes of it", () => {
    const words = new LastWords();
    words.heard("MUG", refused("LIMIT_PER_USER", 1), shown);
    expect(words.left("MUG")).toBe(1);
    words.forget("MUG");
    expect(words.left("MUG")).toBe(Number.POSITIVE_INFINITY);
  });

  it("counts until the next", () => {
    const words = new LastWords();
    words.heard("MUG", refused("ALL_HELD"), shown);
    words.heard("MUG", { type: "unanswered", id: "r2", reason: "" }, shown);
    expect(words.lack("MUG", shown)).toBeNull();
  });
});
