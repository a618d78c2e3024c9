import { beforeAll, expect, it } from "vitest";
import { loadWords } from "../../../shared/i18n";
import { WORDS } from "../../words/all";
import { ruleOf, ruleText } from "../reserve/rule";
import { coverChange, placeName, stateOf } from "./proposal";

beforeAll(() => loadWords(WORDS, "en"));

const MOVE = {
  sku: "mug",
  qty: 20,
  source: "pool",
  target: "channel:douyin",
  source_minutes_before: 190.5,
  source_minutes_after: 119.2,
  target_minutes_before: 4.9,
  target_minutes_after: null,
};

it("says how long each place lasts before and after, and names the places", () => {
  expect(coverChange(MOVE, "source")).toBe("3 h → 119 min");
  expect(coverChange(MOVE, "target")).toBe("4 min → no end in sight");
  expect(coverChange({ ...MOVE, source_minutes_before: 5_000 }, "source")).toContain("more than a day");
  const called = (channel: string) => (channel === "douyin" ? "Douyin" : channel);
  expect([MOVE.source, MOVE.target].map((place) => placeName(place, called))).toEqual(["pool", "Douyin"]);
});

it("says a rule of the reserve as a sentence, however it was said", () => {
  const none = { at_units: null, at_share_percent: null, at_eta_minutes: null, step_units: null };
  expect(ruleText(ruleOf({ elastic: null, elastic_release_at: null }))).toBe("By hand only.");
  expect(ruleText(ruleOf({ elastic: null, elastic_release_at: 1 }))).toBe("By itself when 1 unit is left: all of it.");
  const asked = { ...none, mode: "ask" as const, at_share_percent: 10, at_eta_minutes: 5, step_units: 50 };
  expect(ruleText(ruleOf({ elastic: asked, elastic_release_at: null }))).toBe(
    "Asks you when 10 % are left or it lasts 5 minutes more: 50 units at a time.",
  );
});

it("has lapsed once its time is over, unless somebody has decided", () => {
  const open = { state: "open" as const, lapses_at_ms: 1_000 };
  expect([stateOf(open, 999), stateOf(open, 1_000)]).toEqual(["open", "lapsed"]);
  expect(stateOf({ ...open, state: "applied" }, 2_000)).toBe("applied");
});
