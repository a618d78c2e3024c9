import { expect, it } from "vitest";
import { isLoopback } from "./session";

it.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["[::1]", true],
  ["127.0.0.1.example", false],
  ["shop.example", false],
])("%s is this machine: %s", (host, is) => {
  expect(isLoopback(host)).toBe(is);
});
