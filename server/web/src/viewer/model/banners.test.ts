import { expect, test } from "vitest";
import { loadWords } from "../../shared/i18n";
import en from "../en.json";
import zh from "../zh.json";
import { bannerText, isStillNews, ribbonOf } from "./banners";

test.each(["ok", "low", "lower", "last", undefined] as const)(
  "what is back or open is news while it can be had: %s",
  (level) => {
    expect(isStillNews(level, "open")).toBe(true);
    expect(isStillNews(level, "paused")).toBe(false);
  },
);

test.each(["all_held", "sold_out", "frozen"] as const)(
  "what stops a sale puts an end to the news of it: %s",
  (level) => {
    expect(isStillNews(level, "open")).toBe(false);
  },
);

test("the last ones are offered to who can buy them, what is sold out is so to everybody", () => {
  expect(ribbonOf("last", 12, "open", null)).not.toBeNull();
  for (const sale of ["coming", "paused", "over"] as const) {
    expect(ribbonOf("last", 12, sale, null)).toBeNull();
    expect(ribbonOf("sold_out", 0, sale, null)).not.toBeNull();
  }
  expect(ribbonOf("all_held", 0, "paused", null)).not.toBeNull();
  expect(ribbonOf("all_held", 0, "over", null)).toBeNull();
});

test("what is sold out comes again with the next batch, while there is a sale to wait for", () => {
  loadWords({ en, zh }, "en");
  expect(ribbonOf("sold_out", 0, "open", 0)).toBe("Another batch comes");
  expect(ribbonOf("sold_out", 0, "open", Date.now() + 60_000)).toMatch(/^Next batch .*\d/);
  expect(ribbonOf("sold_out", 0, "over", 0)).toBe("Sold out");
  expect(ribbonOf("last", 2, "open", 0)).toBe("Last 2 left");
  const banner = { kind: "batch_exhausted", left: 0, opens_at_ms: null } as const;
  expect(bannerText(banner)).toBe("Another batch comes");
  loadWords({ en, zh }, "zh");
  expect(bannerText({ ...banner, opens_at_ms: Date.now() + 60_000 })).toMatch(/^下一批 .*\d/);
});
