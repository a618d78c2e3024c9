import { beforeEach, describe, expect, it } from "vitest";
import { WORDS } from "../console/words/all";
import { loadWords } from "../shared/i18n";
import { aboutText, ruleText } from "./alertWords";

const gate = { rule: "gate", tier_percent: 0, threshold: 60, value: 3 } as const;

describe("an alert of no show", () => {
  beforeEach(() => loadWords(WORDS, "en"));

  it("says how many checks fail, and which reminder it is", () => {
    expect(ruleText(gate)).toBe("3 checks fail, 60 min before the start");
    expect(ruleText({ ...gate, value: 1 })).toBe("1 check fails, 60 min before the start");
    expect(ruleText({ ...gate, rule: "shortage", value: 4 })).toBe("4 promised and not there");
  });

  it("is about its room, an article, or the whole pool", () => {
    expect(aboutText({ sku: "", show: "", room: "evening" }, "")).toBe("evening");
    expect(aboutText({ sku: "MUG-01", show: "", room: "" }, "Mug")).toBe("Mug");
    expect(aboutText({ sku: "", show: "", room: "" }, "")).toBe("The whole pool");
    expect(aboutText({ sku: "", show: "evening.1", room: "evening" }, "")).toBe("The whole show");
  });

  it("says so in Chinese", async () => {
    await loadWords(WORDS, "zh");
    expect(ruleText(gate)).toBe("开播检查有 3 项不通过，距开播 60 分钟");
  });
});
