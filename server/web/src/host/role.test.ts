import { expect, test } from "vitest";
import { expiryOfToken, isBackstage, roleOfToken } from "./role";

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

test("reads when the token expires, where it says so", () => {
  expect(expiryOfToken(token({ role: "host", exp: 1_800_000_000 }))).toBe(1_800_000_000_000);
  for (const text of ["", "abc", token({}), token({ exp: "soon" })]) expect(expiryOfToken(text)).toBeNull();
});

test("hosts and operators work backstage", () => {
  expect(["host", "operator"].every(isBackstage)).toBe(true);
  expect(["viewer", "counter", "service"].some(isBackstage)).toBe(false);
  expect(isBackstage(null)).toBe(false);
});
