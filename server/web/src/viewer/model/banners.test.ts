import { expect, test } from "vitest";
import { isStillNews, ribbonOf } from "./banners";

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
  expect(ribbonOf("last", 12, "open")).not.toBeNull();
  for (const sale of ["coming", "paused", "over"] as const) {
    expect(ribbonOf("last", 12, sale)).toBeNull();
    expect(ribbonOf("sold_out", 0, sale)).not.toBeNull();
  }
  expect(ribbonOf("all_held", 0, "paused")).not.toBeNull();
  expect(ribbonOf("all_held", 0, "over")).toBeNull();
});
