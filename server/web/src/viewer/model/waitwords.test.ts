import { describe, expect, it } from "vitest";
import { loadWords } from "../../shared/i18n";
import en from "../en.json";
import zh from "../zh.json";
import { bandText, peopleText, stoppedText, waitSentence, withPeople } from "./waitwords";

const PLACE = { id: "w1", sku: "MUG", qty: 2, first: 1, last: 10, stopped: null };
const WISH = { id: "w1", sku: "MUG", qty: 2 };

describe.each(["en", "zh"] as const)("in %s", (language) => {
  it("everything that happens to a place is said in words", () => {
    loadWords({ en, zh }, language);
    for (const kind of ["waiting", "closer", "stopped", "goes_on"] as const) {
      const stopped = kind === "stopped" ? "FROZEN" : null;
      const said = waitSentence({ kind, wish: WISH, place: { ...PLACE, stopped }, saying: null }, "Mug");
      expect(said).toContain("Mug");
      expect(said).not.toMatch(/said\.|wait\.\w|\{/);
    }
  });
});

it("a place is told by its band, and how many wait by their number", () => {
  loadWords({ en, zh }, "en");
  expect([bandText(PLACE), bandText({ last: 5_000 })]).toEqual(["among the first 10", "among the first 5,000"]);
  expect([peopleText(0), peopleText(1), peopleText(1_200)]).toEqual(["", "1 waits here.", "1,200 wait here."]);
});

it("sentences follow each other as the language writes them", () => {
  loadWords({ en, zh }, "zh");
  expect(withPeople("已售罄。", 2)).toBe("已售罄。本间 2 人在排队。");
  loadWords({ en, zh }, "en");
  expect([withPeople("Sold out.", 2), withPeople("Sold out.", 0)]).toEqual(["Sold out. 2 wait here.", "Sold out."]);
});

it("a reason to stop that a newer server may have is said too", () => {
  loadWords({ en, zh }, "en");
  expect(stoppedText(PLACE)).toBe("");
  expect(stoppedText({ ...PLACE, stopped: "PAUSED" })).toContain("paused");
  expect(stoppedText({ ...PLACE, stopped: "RECOUNT" })).toBe(
    "Nothing is given now. You stay among the first 10 who wait.",
  );
});
