/** The room over a fake socket and a fake clock: handshakes, timers, the device's network. */

import { describe, expect, test, vi } from "vitest";
import type { ConnectOptions, Room } from "../src/index.js";
import { Rejected, UsageError } from "../src/index.js";
import { reserved, snapshot } from "./driver.js";
import { answering, enter, entered, network, pass, TOKEN } from "./entering.js";
import { FakeSocket } from "./fake_socket.js";

describe("entering", () => {
  test("opens the room's socket with the encoding and the token as subprotocols", async () => {
    const room = enter({ language: "zh" });
    const states: string[] = [];
    room.on("state", (change) => states.push(change.state));
    expect(room.state).toBe("disconnected");
    await pass();
    expect(FakeSocket.last.url).toBe("wss://shop.example/live/v1/rooms/show/ws?lang=zh");
    expect(FakeSocket.last.protocols).toEqual(["shelfcast.v1.json", `bearer.${TOKEN}`]);
    FakeSocket.last.accept().say(snapshot({ MUG: 5 }));
    expect([room.state, room.current, room.stock.get("MUG")?.available]).toEqual(["connected", true, 5]);
    expect(states).toEqual(["connecting", "connected"]);
  });

  test.each([
    ["https://shop.example", "wss://shop.example"],
    ["https://shop.example/", "wss://shop.example"],
    ["http://127.0.0.1:8000//", "ws://127.0.0.1:8000"],
    ["wss://shop.example/live", "wss://shop.example/live"],
    ["https://shop.example/live/now/", "wss://shop.example/live/now"],
    ["https://[::1]:8000/live//", "wss://[::1]:8000/live"],
  ])("whatever slashes the url %s ends in", async (url, base) => {
    enter({ url });
    await pass();
    expect(FakeSocket.last.url).toBe(`${base}/v1/rooms/show/ws`);
  });

  test.each<[string, Partial<ConnectOptions>]>([
    ["url", { url: "shop.example" }],
    ["url", { url: "https://" }],
    ["url", { url: "https:///" }],
    ["url", { url: "https://shop.example/live?x=1" }],
    ["url", { url: "https://shop.example/a b/" }],
    ["url", { url: "https://user@shop.example" }],
    ["url", { url: "https://shop.example/?x=1" }],
    ["url", { url: "ftp://shop.example" }],
    ["room", { room: "Show" }],
    ["room", { room: "" }],
    ["WebSocket", { WebSocket: undefined }],
  ])("a wrong %s is said at once: %j", (field, options) => {
    vi.stubGlobal("WebSocket", undefined);
    expect(() => enter(options)).toThrow(UsageError);
    expect(() => enter(options)).toThrow(`${field}: `);
  });

  test("what a wrong url holds is not repeated: it may be a password", () => {
    for (const url of [
      "https://li:s3cret@shop.example",
      "li:s3cret@shop.example",
      "https://shop.example/?key=s3cret",
    ]) {
      expect(() => enter({ url })).toThrow(/^url: (?!.*(?:s3cret|li:))/);
    }
  });

  test("a token function is asked for every connection, and its failures pass", async () => {
    let asked = 0;
    const room = enter({
      token: async () => {
        asked += 1;
        if (asked === 1) throw new Error("the shop is slow");
        return `token-${asked}`;
      },
    });
    await pass();
    expect([room.state, FakeSocket.opened.length]).toEqual(["disconnected", 0]);
    await pass(500);
    expect(FakeSocket.last.protocols[1]).toBe("bearer.token-2");
    FakeSocket.last.accept().drop();
    await pass(1_000);
    expect(FakeSocket.last.protocols[1]).toBe("bearer.token-3");
  });

  test.each<[ConnectOptions["token"], string]>([
    [() => TOKEN, "disconnected"],
    [TOKEN, "closed"],
  ])("an expired token is the end only where there is no fresh one: %s", async (token, state) => {
    const room = await entered({ token });
    FakeSocket.last.drop(4500, "the token has expired");
    expect(room.state).toBe(state);
    await pass(500);
    expect(FakeSocket.opened).toHaveLength(state === "closed" ? 1 : 2);
  });

  test("fresh tokens that expire at once are asked for more and more slowly", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999);
    await entered({ token: () => TOKEN });
    for (const ceilingMs of [500, 1_000, 2_000]) {
      const { length } = FakeSocket.opened;
      FakeSocket.last.drop(4500, "the token has expired");
      await pass(0.99 * ceilingMs);
      expect(FakeSocket.opened).toHaveLength(length);
      await pass(0.01 * ceilingMs);
      expect(FakeSocket.opened).toHaveLength(length + 1);
      FakeSocket.last.accept();
    }
  });

  test("a fresh token that the handshake refuses is final", async () => {
    answering(401, { code: "FORBIDDEN", detail: "the token has expired" });
    const room = await entered({ token: () => TOKEN });
    FakeSocket.last.drop(4500, "the token has expired");
    await pass(500);
    FakeSocket.last.drop();
    await pass();
    expect(room.error).toEqual(new Rejected(401, "FORBIDDEN", "the token has expired"));
  });

  test("a token that never comes is given up in time", async () => {
    const room = enter({ token: () => new Promise(() => {}) });
    await pass(10_000);
    expect(room.state).not.toBe("connected");
    expect(FakeSocket.opened).toHaveLength(0);
    expect(room.retryAtMs ?? room.state).not.toBeNull();
  });

  test("a token that cannot be one is final, and is not shown", async () => {
    const room = enter({ token: "secret of the shop" });
    await pass();
    expect([room.state, room.error?.name]).toEqual(["closed", "UsageError"]);
    expect(room.error?.message).not.toContain("secret");
  });

  test("a page that may not open such a socket is told", async () => {
    class Forbidden extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        throw new DOMException("insecure", "SecurityError");
      }
    }
    const room = enter({ WebSocket: Forbidden });
    await pass();
    expect(room.error?.message).toContain("insecure");
  });

  test("a server that speaks something else is final", async () => {
    const room = enter();
    await pass();
    FakeSocket.last.accept("");
    expect([room.state, room.error?.name]).toEqual(["closed", "ProtocolError"]);
  });
});

describe("a handshake that failed", () => {
  async function refused(...server: Parameters<typeof answering>): Promise<Room> {
    const fetched = answering(...server);
    const room = enter();
    await pass();
    FakeSocket.last.drop();
    await pass();
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect(url).toBe("https://shop.example/live/v1/rooms/show/entry");
    expect(init?.headers).toEqual({ Authorization: `Bearer ${TOKEN}` });
    return room;
  }

  test.each([400, 401, 403, 404, 405, 410, 422])("is final where the server says %i", async (status) => {
    const room = await refused(status, { code: "FORBIDDEN", detail: "not for you", field: "room" });
    expect(room.error).toEqual(new Rejected(status, "FORBIDDEN", "not for you", "room"));
    await expect(room.reserve("MUG")).rejects.toBe(room.error);
  });

  test.each<[string, number, object | null]>([
    ["a proxy's page", 404, null],
    ["a proxy that wants another log-in", 401, { detail: "who are you?" }],
    ["a server that knows no entry", 404, { code: "NOT_FOUND", detail: "there is no '/v1/rooms/show/entry' here" }],
  ])("is not judged by %s", async (_, status, problem) => {
    const room = await refused(status, problem);
    expect([room.state, room.error]).toEqual(["disconnected", null]);
    await pass(500);
    expect(FakeSocket.opened).toHaveLength(2);
  });

  test("is asked about once in a while where the server is full, and its Retry-After counts meanwhile", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const full = answering(503, { code: "OVERLOADED", detail: "this server is full" }, { "Retry-After": "7" });
    const room = enter();
    const reasons: string[] = [];
    room.on("state", ({ state, reason }) => state === "disconnected" && reasons.push(reason));
    await pass();
    for (const attempt of [1, 2, 3, 4, 5]) {
      FakeSocket.last.drop();
      await pass(6_999);
      expect([FakeSocket.opened.length, full.mock.calls.length]).toEqual([attempt, 1]);
      await pass(1);
    }
    expect(new Set(reasons)).toEqual(new Set(["this server is full (status 503)"]));
    const gone = answering(404, { code: "NOT_FOUND", detail: "there is no such room", field: "room" });
    FakeSocket.last.drop();
    await pass();
    expect([gone.mock.calls.length, room.error]).toEqual([
      1,
      new Rejected(404, "NOT_FOUND", "there is no such room", "room"),
    ]);
  });

  test("is asked about each time where no time was named", async () => {
    const fetched = answering(502);
    enter();
    await pass();
    for (const asked of [1, 2, 3]) {
      FakeSocket.last.drop();
      await pass(20_000);
      expect(fetched).toHaveBeenCalledTimes(asked);
    }
  });

  test.each([429, 503])("waits for Retry-After where it says %i", async (status) => {
    const room = await refused(status, null, { "Retry-After": "7" });
    expect(room.state).toBe("disconnected");
    await pass(6_999);
    expect(FakeSocket.opened).toHaveLength(1);
    await pass(501);
    expect(FakeSocket.opened).toHaveLength(2);
  });

  test.each(["Wed, 21 Oct 2026 07:28:00 GMT", "-5", "1e9", ""])("bounds a Retry-After of %j", async (wish) => {
    await refused(503, null, { "Retry-After": wish });
    await pass(300_500);
    expect(FakeSocket.opened.length).toBeGreaterThanOrEqual(2);
  });

  test.each([0, 204, 408, 425, 500, 502])("backs off where it says %i", async (status) => {
    const room = await refused(status);
    expect([room.state, room.error]).toEqual(["disconnected", null]);
    await pass(500);
    expect(FakeSocket.opened).toHaveLength(2);
  });

  test("is of no interest any more once the room is closed", async () => {
    const room = await refused(0);
    room.close();
    await pass(60_000);
    expect([room.state, FakeSocket.opened.length]).toEqual(["closed", 1]);
  });
});

describe("a connection that breaks", () => {
  test("keeps its counts, says how old they are, and comes back", async () => {
    const room = await entered();
    await pass(3_000);
    FakeSocket.last.say({ type: "viewers", viewers: 2 });
    await pass(400);
    expect(room.ageMs()).toBe(0);
    FakeSocket.last.drop();
    expect([room.current, room.stock.get("MUG")?.available]).toEqual([false, 5]);
    expect(room.ageMs()).toBe(400);
    expect(room.retryAtMs).toBeGreaterThan(performance.now());
    await pass(1_000);
    expect([room.state, room.retryAtMs]).toEqual(["connecting", null]);
    FakeSocket.last.accept().say(snapshot({ MUG: 4 }, { seq: 12 }));
    expect([room.current, room.ageMs(), room.stock.get("MUG")?.available]).toEqual([true, 0, 4]);
  });

  test("is let go at once where it is dead, without waiting for its closing", async () => {
    const room = await entered();
    const dead = FakeSocket.last;
    await pass(75_000);
    expect([dead.closed?.code, room.current]).toEqual([4401, false]);
    dead.say(snapshot({ MUG: 1 }, { seq: 99 }));
    dead.drop();
    expect(room.stock.get("MUG")?.available).toBe(5);
    await pass(1_000);
    expect(FakeSocket.opened).toHaveLength(2);
  });

  test("ends with 4400 where a frame is unreadable or larger than any can be", async () => {
    await entered();
    const first = FakeSocket.last;
    first.onmessage?.({ data: { length: 9_000_000 } });
    expect(first.closed?.code).toBe(4400);
  });

  test("has what is unanswered sent again, marked so", async () => {
    const room = await entered();
    const asked = room.reserve("MUG", 2);
    const id = FakeSocket.last.sent[0]?.id ?? "";
    FakeSocket.last.drop();
    await pass(1_000);
    FakeSocket.last.accept().say(snapshot({ MUG: 5 }));
    expect(FakeSocket.last.sent).toEqual([{ type: "reserve", id, sku: "MUG", qty: 2, again: true }]);
    FakeSocket.last.say(reserved(id, 2));
    expect(await asked).toEqual(reserved(id, 2));
  });

  test("a device that goes offline and comes back gets another at once", async () => {
    const room = await entered();
    network.dispatchEvent(new Event("offline"));
    expect([room.state, room.current]).toEqual(["connected", false]);
    network.dispatchEvent(new Event("online"));
    await pass();
    expect([room.state, FakeSocket.opened.length]).toEqual(["connecting", 2]);
    room.close();
    network.dispatchEvent(new Event("online"));
    expect(FakeSocket.opened).toHaveLength(2);
  });

  test("the owner can have another", async () => {
    const room = await entered();
    room.reconnect();
    room.reconnect();
    await pass();
    expect([FakeSocket.opened[0]?.closed?.code, FakeSocket.opened.length]).toEqual([1000, 2]);
  });
});

describe("the owner's handlers", () => {
  test("hear what they asked for, until they end it", async () => {
    const room = enter();
    const heard: string[] = [];
    const end = room.on("banner", (banner) => heard.push(banner.kind));
    await pass();
    const banner = { type: "banner", seq: 11, sku: "MUG", left: 2 };
    FakeSocket.last.accept().say(snapshot({ MUG: 5 }), { ...banner, kind: "last_n" });
    end();
    FakeSocket.last.say({ ...banner, kind: "sold_out" });
    expect(heard).toEqual(["last_n"]);
  });

  test("may call anything, also close the room", async () => {
    const room = enter();
    let asked: Promise<unknown> | undefined;
    room.on("snapshot", () => {
      asked = room.reserve("MUG");
      room.reconnect();
      room.close();
    });
    await pass();
    FakeSocket.last.accept().say(snapshot({ MUG: 5 }));
    expect(await asked).toMatchObject({ type: "unanswered" });
    expect(room.state).toBe("closed");
  });

  test("that fail are shown as failing, and the room goes on", async () => {
    const room = enter();
    const end = room.on("change", () => {
      throw new Error("a fault of the page");
    });
    const after = vi.fn();
    room.on("change", after);
    await pass();
    const reported = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => {});
    FakeSocket.last.accept().say(snapshot({ MUG: 5 }));
    end();
    expect(() => reported.mock.calls[0]?.[0]()).toThrow("a fault of the page");
    reported.mockRestore();
    expect(after).toHaveBeenCalledTimes(1);
  });

  test("hear each state after the one before it, whatever another handler does", async () => {
    const room = enter();
    const heard: string[] = [];
    room.on("state", ({ state }) => state === "connected" && room.close());
    room.on("state", ({ state }) => heard.push(state));
    await pass();
    FakeSocket.last.accept();
    expect(heard).toEqual(["connecting", "connected", "closed"]);
  });

  test.each<[string, Partial<ConnectOptions>, string[]]>([
    [
      "a token function that throws",
      {
        token: () => {
          throw new Error("no session");
        },
      },
      ["connecting", "disconnected"],
    ],
    ["a token that can be none", { token: "t0ken\n" }, ["connecting", "closed"]],
  ])("hear %s after the attempt", async (_, options, states) => {
    const room = enter(options);
    const heard: string[] = [];
    room.on("state", ({ state }) => heard.push(state));
    await pass();
    expect(heard).toEqual(states);
  });
});

describe("what is asked for", () => {
  test("is checked before it is sent", async () => {
    const room = await entered();
    const nothing = undefined as unknown as string;
    await expect(room.reserve(nothing)).rejects.toThrow(/^sku: expected 1 to 128 .* got undefined$/);
    await expect(room.reserve("MUG", 0)).rejects.toThrow("qty: expected 1 to 1000000 whole units, got 0");
    await expect(room.cancel(nothing)).rejects.toThrow("id: expected");
    expect(FakeSocket.last.sent).toEqual([]);
  });
});
