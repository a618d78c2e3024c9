import { expect, it } from "vitest";
import { asked } from "./asked";

it.each([
  [4_990, "CNY", "CN¥99.80"],
  [128_000, "JPY", "JP¥256,000"],
  [12_345, "KWD", "KWD 24.690"],
  [0, "CNY", ""],
])("of two units at %i minor units of %s is %s", (price_minor, currency, written) => {
  // An American browser writes the yen without its country.
  expect(asked({ price_minor, currency }, 2).replace("\u00a0", " ").replace(/^¥/, "JP¥")).toBe(written);
});
