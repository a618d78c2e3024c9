import { describe, expect, it } from "vitest";
import { closedKey } from "./closed";

describe("closedKey", () => {
  it("tells a token that is missing from one that is not valid", () => {
    expect(closedKey({ status: 401, code: "FORBIDDEN" }, false)).toBe("closed.token_missing");
    expect(closedKey({ status: 401, code: "FORBIDDEN" }, true)).toBe("closed.token");
  });

  it("takes it that the page had a token where nothing is said of that", () => {
    expect(closedKey({ status: 401 })).toBe("closed.token");
  });

  it("does not blame a missing token for what has nothing to do with one", () => {
    expect(closedKey({ status: 404 }, false)).toBe("closed.no_room");
    expect(closedKey({ status: 403 }, false)).toBe("closed.not_admitted");
    expect(closedKey({ code: 4500 }, false)).toBe("closed.token");
  });

  it("tells a token of another room from none", () => {
    expect(closedKey({ status: 403, code: "FORBIDDEN" })).toBe("closed.not_admitted");
  });

  it("says the same of a refused handshake and of a close frame", () => {
    expect([closedKey({ status: 404 }), closedKey({ code: 4503 })]).toEqual(["closed.no_room", "closed.no_room"]);
    expect(closedKey({ code: 4500 })).toBe("closed.token");
  });

  it("leaves what it does not know to the server's own words", () => {
    expect(closedKey({ code: 4501 })).toBe("closed.other");
    expect(closedKey({ message: "not protocol v1" })).toBe("closed.other");
  });
});
