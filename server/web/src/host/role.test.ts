import { expect, test } from "vitest";
import { isBackstage, roleOfToken } from "./role";

const token = (claims: unknown) => {
  const part = (value: unknown) =>
    btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  return `${part({ alg: "HS256" })}.${part(claims)}.c2lnbmF0dXJl`;
};

test("reads the role, whatever else is in the token", () => {
  expect(roleOfToken(token({ sub: "主播?>~", role: "host" }))).toBe("host");
  expect(roleOfToken(token({ sub: "a", role: "viewer" }))).toBe("viewer");
});

test.each(["", "abc", "a.b.c", "a.bm90IGpzb24.c", token(null), token([]), token({ role: 7 }), token({})])(
  "finds none in %s",
  (text) => {
    expect(roleOfToken(text)).toBeNull();
  },
);

test("hosts, operators and services are backstage", () => {
  expect(["host", "operator", "service"].every(isBackstage)).toBe(true);
  expect(isBackstage("viewer")).toBe(false);
  expect(isBackstage(null)).toBe(false);
});
