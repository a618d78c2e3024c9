import { describe, expect, it } from "vitest";
import type { Connection } from "../../shared/live";
import { closedSentence, reachOf, WAITS_MS } from "./reach";

const LOST: Connection = {
  state: "disconnected",
  current: false,
  oldSinceMs: 1_000,
  blind: false,
  retryAtMs: 2_000,
  error: null,
  absentSinceMs: 1_000,
  reason: "",
};

describe("how the room can be reached", () => {
  it("waits for a connection that may be back soon, and gives up on an old one", () => {
    expect(reachOf({ ...LOST, state: "connected", current: true, oldSinceMs: null }, 0)).toBe("live");
    expect(reachOf(LOST, 1_000 + WAITS_MS - 1)).toBe("waiting");
    expect(reachOf(LOST, 1_000 + WAITS_MS)).toBe("away");
    expect(reachOf({ ...LOST, oldSinceMs: null }, 90_000)).toBe("waiting");
    expect(reachOf({ ...LOST, state: "closed" }, 1_000)).toBe("closed");
  });

  it("waits, too, where the server is there and has lost sight of its book", () => {
    expect(reachOf({ ...LOST, state: "connected" }, 2_000)).toBe("waiting");
  });
});

describe("why a page is closed for good", () => {
  it.each([
    [{ status: 404, code: "NOT_FOUND" }, "closed.no_room"],
    [{ status: 401, code: "FORBIDDEN" }, "closed.token"],
    [{ status: 403, code: "FORBIDDEN" }, "closed.forbidden"],
    [{ code: 4500 }, "closed.token"],
    [{ code: 4502 }, "closed.limited"],
    [{ code: 4503 }, "closed.gone"],
    [{ code: 4501 }, "closed.fault"],
    [{}, "closed.fault"],
    [null, "closed.fault"],
  ])("%o is %s", (error, key) => {
    expect(closedSentence(error)).toBe(key);
  });

  it("asks for a sign-in where there was none, and says what is wrong with it where there was", () => {
    expect(closedSentence({ status: 401 }, false)).toBe("closed.sign_in");
    expect(closedSentence({ status: 401 }, true)).toBe("closed.token");
    expect(closedSentence({ status: 404 }, false)).toBe("closed.no_room");
  });
});
