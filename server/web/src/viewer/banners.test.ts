import { expect, test } from "vitest";
import { isStillNews } from "./banners";

test.each(["ok", "low", "lower", "last", undefined] as const)(
  "what is back or open is news while it can be had: %s",
  (level) => {
    expect(isStillNews(level)).toBe(true);
  },
);

test.each(["all_held", "sold_out", "frozen"] as const)(
  "what stops a sale puts an end to the news of it: %s",
  (level) => {
    expect(isStillNews(level)).toBe(false);
  },
);
