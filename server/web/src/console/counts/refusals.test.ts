import { beforeAll, expect, it } from "vitest";
import { loadWords } from "../../shared/i18n";
import type { Problem } from "../api/schema";
import type { Refusal } from "../operations/operation";
import { WORDS } from "../words/all";
import { leadRefusalText } from "./refusals";

beforeAll(() => loadWords(WORDS, "zh"));

function refused(code: Problem["code"], field: string, detail = "expected something in English"): Refusal {
  return { ok: false, status: 409, problem: { code, field, detail }, again: false };
}

it("says in the page's language what stands against a step of a count", () => {
  expect(leadRefusalText(refused("BAD_MESSAGE", "state"), "已生效")).toBe("未执行：现在已是“已生效”。");
  const all = [
    refused("BAD_MESSAGE", "asking"),
    refused("BAD_MESSAGE", "recounts"),
    refused("BAD_MESSAGE", "unreasoned"),
    refused("STALE", "revision"),
    refused("SAME_SIGNER", "user"),
    refused("NEEDS_APPROVAL", "user"),
    refused("NOT_FOUND", "count"),
    refused("SHELF_FULL", "counts"),
  ].map((each) => leadRefusalText(each, "复核中"));
  expect(all.filter((text) => /[a-z]/i.test(text))).toEqual([]);
  expect(new Set(all).size).toBe(all.length);
});

it("leaves the server's words where it has none of its own", () => {
  expect(leadRefusalText(refused("BAD_MESSAGE", "note", "expected a note"), "")).toContain("expected a note");
});
