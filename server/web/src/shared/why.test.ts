import { expect, it } from "vitest";
import { whyNot } from "../../../../client_sdk/typescript/src/dial";
import type { Connection } from "./live";
import { WHY_AFTER_MS, whyKey } from "./why";

const OPENING: Connection = {
  state: "connecting",
  current: false,
  oldSinceMs: null,
  blind: false,
  retryAtMs: null,
  error: null,
  absentSinceMs: 0,
  reason: "",
};

it("says nothing while a connection may come at any moment, nor where there is one", () => {
  expect(whyKey(OPENING, WHY_AFTER_MS - 1)).toBeNull();
  expect(whyKey({ ...OPENING, current: true, absentSinceMs: null }, 90_000)).toBeNull();
});

it("says after a few seconds that no answer came, or what came instead", () => {
  expect(whyKey(OPENING, WHY_AFTER_MS)?.key).toBe("why.silent");
  const refused = { ...OPENING, reason: "this server is full (status 503)" };
  expect(whyKey(refused, WHY_AFTER_MS)).toEqual({ key: "why.refused", detail: "this server is full (status 503)" });
});

it("leaves to other words what has words of its own", () => {
  const lost = { ...OPENING, oldSinceMs: 1, absentSinceMs: 1 };
  expect(whyKey({ ...lost, reason: "connection lost (1006)" }, 90_000)).toBeNull();
  expect(whyKey({ ...lost, reason: "no sign of life" }, 90_000)).toBeNull();
  expect(whyKey({ ...lost, blind: true, reason: "the server cannot be reached" }, 90_000)).toBeNull();
});

it.each([
  ["why.unreachable", async () => Promise.reject(new TypeError("Failed to fetch"))],
  ["why.unopened", async () => new Response(null, { status: 204 })],
] as const)("knows the client's words for %s", async (key, fetch) => {
  const before = globalThis.fetch;
  globalThis.fetch = fetch;
  try {
    const [reason] = await whyNot("http://shelf.test/v1/rooms/evening/entry", null, new AbortController().signal);
    expect(whyKey({ ...OPENING, reason: String(reason) }, WHY_AFTER_MS)?.key).toBe(key);
  } finally {
    globalThis.fetch = before;
  }
});
