import { describe, expect, it } from "vitest";
import vectors from "../../../../../tests/vectors/codes.json";
import { loadWords, t } from "../../shared/i18n";
import en from "../en.json";
import zh from "../zh.json";
import {
  fateOf,
  KNOWN_CODES,
  keepsId,
  leftBy,
  sayingOfFate,
  sayingOfRefusal,
  sayingOfReturn,
  sayingOfWaitOver,
  sayingOfWaitRefused,
  sayingOfWish,
  WAIT_OVER_CODES,
} from "./verdicts";

const refused = (code: string, retry = "later") => ({
  type: "refused" as const,
  id: "r1",
  code,
  message: "in English",
  retry,
  retry_after_ms: null,
  available: null,
  field: null,
});
const over = (type: "confirmed") => ({ type, id: "r1", sku: "MUG", qty: 2, seq: 1 });
const unanswered = { type: "unanswered" as const, id: "r1", reason: "no answer in time" };

describe("every answer code", () => {
  const codes = Object.keys(vectors.codes).filter((code) => code !== "OK");

  it("has words here", () => {
    expect([...KNOWN_CODES].sort()).toEqual([...codes].sort());
  });

  it.each(["en", "zh"] as const)("is said in %s", (language) => {
    loadWords({ en, zh }, language);
    for (const code of codes) {
      const { key, values } = sayingOfRefusal(refused(code));
      expect(t(key, values)).not.toBe(key);
    }
  });

  it("of a newer server is said in the server's words", () => {
    loadWords({ en, zh }, "en");
    const { key, values } = sayingOfRefusal(refused("TOO_FULL_MOON"));
    expect(t(key, values)).toContain("in English");
  });

  it("says how many are left where the server does", () => {
    expect(sayingOfRefusal({ ...refused("INSUFFICIENT"), available: 3 })).toMatchObject({ values: { available: 3 } });
    expect(sayingOfRefusal(refused("INSUFFICIENT")).key).toBe("refused.INSUFFICIENT");
  });

  it.each([
    ["LIMIT_PER_USER", 1, "You may have 1 more", "还能再买 1 件"],
    ["LIMIT_PER_ORDER", 3, "One order may have 3 at most", "每单最多买 3 件"],
  ])("says of %s how many there may be", (code, available, english, chinese) => {
    const answer = { ...refused(code, "changed"), available };
    const { key, values } = sayingOfRefusal(answer);
    for (const [language, words] of [["en", english] as const, ["zh", chinese] as const]) {
      loadWords({ en, zh }, language);
      expect(t(key, values)).toContain(words);
    }
    expect(leftBy(answer)).toBe(available);
  });

  it.each([0, null])("names no number where the limit leaves %s", (available) => {
    const answer = { ...refused("LIMIT_PER_USER", "changed"), available };
    expect([sayingOfRefusal(answer).key, leftBy(answer)]).toEqual(["refused.LIMIT_PER_USER", null]);
  });

  it("takes what the room has left for no limit of the customer", () => {
    expect(leftBy({ ...refused("INSUFFICIENT"), available: 3 })).toBeNull();
  });
});

describe("a wish to wait", () => {
  it.each([
    ["FORBIDDEN", "waitlist", "wait_refused.off"],
    ["LIMIT_PER_USER", "waiting", "wait_refused.already"],
    ["SHELF_FULL", "waiting", "wait_refused.full"],
    ["LIMIT_PER_USER", "live", "refused.LIMIT_PER_USER"],
    ["FORBIDDEN", null, "refused.FORBIDDEN"],
    ["OVERLOADED", null, "refused.OVERLOADED"],
  ])("that is refused with %s, field %s", (code, field, key) => {
    expect(sayingOfWaitRefused({ ...refused(code), field })).toMatchObject({ key, toWait: true });
  });

  it.each(["en", "zh"] as const)("is over for reasons that are said in %s", (language) => {
    loadWords({ en, zh }, language);
    for (const code of [...WAIT_OVER_CODES, ...KNOWN_CODES, "TOO_FULL_MOON"]) {
      const { key, values } = sayingOfWaitOver(code, "in English");
      expect(t(key, values)).not.toBe(key);
    }
    expect(sayingOfWaitOver("OK", "").tone).toBe("good");
  });

  it("that was for more than there are can be one to wait for so many", () => {
    expect(sayingOfWish({ ...refused("INSUFFICIENT"), available: 2 }, 3)?.wanted).toBe(3);
    expect(sayingOfWish(refused("SOLD_OUT"), 3)?.wanted).toBeUndefined();
  });

  it("that came to a turn which was missed, or declined, says so", () => {
    expect(sayingOfFate("expired", 1, true).key).toBe("turn.lapsed");
    expect(sayingOfFate("cancelled", 1, true).key).toBe("turn.declined");
    expect(sayingOfFate("paid", 1, true)).toEqual(sayingOfFate("paid", 1));
  });
});

describe("what became of a wish", () => {
  it("leaves a hold to speak for itself", () => {
    const held = { ...over("confirmed"), type: "reserved" as const, state: "active", expires_at_ms: 9, at_ms: 1 };
    expect(sayingOfWish(held, 2)).toBeNull();
    expect(sayingOfWish(over("confirmed"), 2)).toEqual(sayingOfFate("paid", 2));
  });

  it("keeps the id where the server may have executed it", () => {
    expect(keepsId(unanswered)).toBe(true);
    expect(keepsId(refused("UNAVAILABLE", "same_id"))).toBe(true);
    expect(keepsId(refused("SOLD_OUT"))).toBe(false);
  });

  it("tells the end of a hold from the answer to its id", () => {
    expect(fateOf(over("confirmed"))).toBe("paid");
    expect(fateOf(refused("EXPIRED", "never"))).toBe("expired");
    expect(fateOf(refused("ALREADY_CANCELLED", "never"))).toBe("cancelled");
    expect(fateOf(refused("SOLD_OUT"))).toBe("gone");
    expect(fateOf(refused("UNAVAILABLE", "same_id"))).toBeNull();
    expect(fateOf(unanswered)).toBeNull();
  });

  it("says what a return came to", () => {
    expect(sayingOfReturn({ ...over("confirmed"), type: "cancelled" })).toEqual(sayingOfFate("cancelled", 2));
    expect(sayingOfReturn(refused("ALREADY_CONFIRMED", "never")).key).toBe("refused.ALREADY_CONFIRMED");
    expect(sayingOfReturn(unanswered).key).toBe("unanswered.cancel");
  });
});

describe("the two languages", () => {
  const stem = (key: string) => key.replace(/_(one|other)$/, "");

  it("have words for the same things", () => {
    const [english, chinese] = [en, zh].map((words) => [...new Set(Object.keys(words).map(stem))].sort());
    expect(english).toEqual(chinese);
  });

  it("use the same values", () => {
    const values = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? "");
    for (const [key, text] of Object.entries(zh)) {
      const english = Object.entries(en).filter(([other]) => stem(other) === stem(key));
      const known = new Set(english.flatMap(([, words]) => values(words)));
      for (const name of values(text)) expect(known, key).toContain(name);
    }
  });
});
