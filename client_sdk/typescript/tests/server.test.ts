/** The client against the real server: engine, book, feed, room, gateway and all. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { type BackstageRoom, connectBackstage } from "../src/backstage.js";
import { ClosedByServer, type ConnectOptions, connect, type Event, json, Rejected, type Room } from "../src/index.js";
import { msgpack } from "../src/msgpack.js";
import { Server, until } from "./server.js";

const server = new Server({ DRAIN_RECONNECT_AFTER_MS: "50" });
let rooms: Room[] = [];
let sku = "";
let number = 0;

beforeAll(async () => {
  await server.start();
  await server.openShop({}, { waitlist: true });
});
afterAll(() => server.stop());

// Each test sells a mug of its own.
beforeEach(async () => {
  number += 1;
  sku = `mug-${number}`;
  await server.api("POST", "/v1/pools/main/catalogue", { skus: [{ sku, title: "Mug", price_minor: 990, opening: 5 }] });
  await server.api("PUT", `/v1/rooms/evening/skus/${sku}`);
});
afterEach(() => {
  for (const room of rooms) room.close();
  rooms = [];
});

function open(options: Partial<ConnectOptions> = {}): Room {
  const room = connect({ url: server.url, room: "evening", storage: null, WebSocket, ...options });
  rooms.push(room);
  return room;
}

async function enter(user: string | null, options: Partial<ConnectOptions> = {}, role = "viewer"): Promise<Room> {
  const room = open({ token: user && server.token(role, user), ...options });
  await until(room, () => room.current && room.stock.has(sku));
  return room;
}

/** By a role other than a viewer's, or as one who tries. */
async function enterBackstage(user: string, role: string): Promise<BackstageRoom> {
  const options = { url: server.url, room: "evening", storage: null, WebSocket, token: server.token(role, user) };
  const room = connectBackstage(options);
  rooms.push(room);
  await until(room, () => room.current && room.stock.has(sku));
  return room;
}

function shows(room: Room, available: number, held: number): Promise<void> {
  return until(room, () => room.stock.get(sku)?.available === available && room.stock.get(sku)?.held === held);
}

describe("reserving", () => {
  test.each([json, msgpack])("shows in every mirror, and goes back: $protocol", async (encoding) => {
    const [wang, passerBy] = await Promise.all([enter("wang", { encoding }), enter(null, { encoding })]);
    expect(wang.stock.get(sku)).toMatchObject({ available: 5, title: "Mug", price_minor: 990 });
    const result = await wang.reserve(sku, 2);
    if (result.type !== "reserved") throw new Error(JSON.stringify(result));
    await Promise.all([shows(wang, 3, 2), shows(passerBy, 3, 2)]);
    const leftMs = result.expires_at_ms - wang.serverNowMs();
    expect(leftMs).toBeGreaterThan(250_000);
    expect(leftMs).toBeLessThanOrEqual(301_000);
    expect([...wang.reservations.keys()]).toEqual([result.id]);
    expect((await wang.cancel(result.id)).type).toBe("cancelled");
    await Promise.all([shows(wang, 5, 0), shows(passerBy, 5, 0)]);
    expect(wang.reservations.size).toBe(0);
  });

  test("a refusal is a value that says whether to try again", async () => {
    const [wang, passerBy] = await Promise.all([enter("wang"), enter(null)]);
    expect(await wang.reserve(sku, 6)).toMatchObject({ code: "INSUFFICIENT", retry: "changed" });
    expect(await wang.reserve("plate")).toMatchObject({ code: "UNKNOWN_SKU", retry: "never" });
    expect(await passerBy.reserve(sku)).toMatchObject({ code: "FORBIDDEN", retry: "never" });
    expect(await wang.cancel("nobody-made-this")).toMatchObject({ code: "NOT_FOUND" });
  });

  test("the last units go to as many as there are, and the others learn that they are held", async () => {
    const crowd = await Promise.all(Array.from({ length: 10 }, (_, each) => enter(`user-${each}`)));
    const results = await Promise.all(crowd.map((room) => room.reserve(sku)));
    expect(results.filter((result) => result.type === "reserved")).toHaveLength(5);
    for (const result of results) if (result.type !== "reserved") expect(result).toMatchObject({ code: "ALL_HELD" });
    await Promise.all(crowd.map((room) => shows(room, 0, 5)));
    expect(crowd[0]?.stock.get(sku)?.level).toBe("all_held");
  });

  test("the same id is answered once, and another body conflicts", async () => {
    const room = await enter("wang");
    const first = await room.reserve(sku, 1, { id: `mine-${sku}` });
    expect(await room.reserve(sku, 1, { id: `mine-${sku}` })).toEqual({ ...first, at_ms: expect.any(Number) });
    expect(await room.reserve(sku, 2, { id: `mine-${sku}` })).toMatchObject({ code: "ID_CONFLICT", field: "qty" });
  });

  test("what became of an id is told although all is sold", async () => {
    const room = await enter("wang");
    expect(await room.reserve(sku, 5, { id: `all-${sku}` })).toMatchObject({ type: "reserved" });
    await server.api("POST", `/v1/pools/main/reservations/all-${sku}/confirm`);
    await shows(room, 0, 0);
    expect(await room.reserve(sku, 5, { id: `all-${sku}` })).toMatchObject({ type: "confirmed" });
    expect(await room.reserve(sku, 1)).toMatchObject({ code: "SOLD_OUT" });
  });

  test("a crowd of reservations of one customer is paced, and all are answered", async () => {
    await server.api("POST", "/v1/pools/main/moves", { kind: "receive", sku, qty: 95, target: "pool" });
    const room = await enter("wang");
    const results = await Promise.all(Array.from({ length: 48 }, () => room.reserve(sku)));
    expect(results.map((result) => result.type)).toEqual(new Array(48).fill("reserved"));
  });

  test("how many are left is said in the client's language", async () => {
    const [chinese, english] = await Promise.all([enter(null, { language: "zh" }), enter(null, { language: "en" })]);
    expect(await chinese.ask(sku)).toMatchObject({ text: "最后5件", left: 5 });
    expect(await english.ask(sku)).toMatchObject({ text: "last 5 left", left: 5 });
  });
});

describe("waiting", () => {
  test.each([json, msgpack])("what comes free is the next one's, and its next one's: $protocol", async (encoding) => {
    const [wang, li, zhao] = await Promise.all(["wang", "li", "zhao"].map((user) => enter(user, { encoding })));
    if (!wang || !li || !zhao) throw new Error("nobody came");
    expect(wang.waitlist).toBe(true);
    const { id } = await wang.reserve(sku, 5);
    const place = await li.wait(sku, 4);
    expect(place).toMatchObject({ type: "waiting", first: 1, last: 10, stopped: null });
    expect([...li.waiting.keys()]).toEqual([place.id]);
    const next = await zhao.wait(sku, 2);
    await until(wang, () => wang.stock.get(sku)?.waiting === 2);
    const offered = new Promise((resolve) => li.on("offer", resolve));
    await wang.cancel(id);
    expect(await offered).toMatchObject({ id: place.id, qty: 4, asked: 4 });
    expect(li.reservations.get(place.id)).toMatchObject({ qty: 4, offered: true });
    expect((await li.decline(place.id)).type).toBe("cancelled");
    await until(zhao, () => zhao.reservations.get(next.id)?.offered);
    await shows(wang, 3, 2);
    await until(wang, () => wang.stock.get(sku)?.waiting === 0);
    expect([li.waiting.size, zhao.waiting.size]).toEqual([0, 0]);
  });

  test("a refusal says why, and a wait that ends, too", async () => {
    const [wang, li] = [await enter("wang"), await enter("li")];
    await wang.reserve(sku, 5);
    const { id } = await li.wait(sku);
    expect(await li.wait(sku)).toMatchObject({ code: "LIMIT_PER_USER", field: "waiting" });
    expect(await li.wait(sku, 2, { id })).toMatchObject({ code: "ID_CONFLICT", field: "qty" });
    await server.api("POST", "/v1/pools/main/moves", { kind: "freeze", sku });
    await until(li, () => li.waiting.get(id)?.stopped === "FROZEN");
    await server.api("POST", "/v1/pools/main/moves", { kind: "unfreeze", sku });
    await until(li, () => li.waiting.get(id)?.stopped === null);
    expect(await li.decline(id)).toMatchObject({ type: "wait_over", code: "OK" });
    expect(await li.wait(sku, 1, { id })).toMatchObject({ code: "ALREADY_CANCELLED" });
  });

  test("a page that is loaded again asks for its place once more, and has what it has become", async () => {
    // A page that died before the answer reached it leaves its entry behind.
    const items = new Map<string, string>();
    const setItem = (key: string, value: string) => void items.set(key, value);
    const storage = { getItem: (key: string) => items.get(key) ?? null, setItem, removeItem: () => {} };
    const wang = await enter("wang");
    const { id } = await wang.reserve(sku, 5);
    const before = await enter("li", { storage });
    const place = await before.wait(sku);
    before.close();
    const after = open({ token: server.token("viewer", "li"), storage });
    expect([...after.pending.values()]).toEqual([{ kind: "wait", id: place.id, sku, qty: 1 }]);
    const settled = await new Promise((resolve) => after.on("settled", resolve));
    expect(settled).toMatchObject({ kind: "wait", id: place.id, result: { type: "waiting", first: 1 } });
    after.close();
    await wang.cancel(id);
    const last = open({ token: server.token("viewer", "li"), storage });
    await until(last, () => last.reservations.get(place.id)?.offered);
    expect(last.waiting.size).toBe(0);
  });
});

test("an operator runs the show, and the host acknowledges", async () => {
  const [viewer, host, zhang] = await Promise.all([
    enterBackstage("wang", "viewer"),
    enterBackstage("li", "host"),
    enterBackstage("zhang", "operator"),
  ]);
  expect((await zhang.operator.notice("回来了 at eight")).type).toBe("done");
  await until(viewer, () => viewer.notice?.text === "回来了 at eight");
  const cue = await zhang.operator.cue("say the last five", sku);
  await until(host, () => host.cues.get(cue.id)?.text === "say the last five");
  expect(await zhang.operator.cue("say the last five", sku, { id: cue.id })).toEqual(cue);
  expect([...host.cues.keys()], "the same id is one cue").toEqual([cue.id]);
  expect((await host.operator.acknowledge(cue.id)).type).toBe("done");
  await Promise.all([host, zhang].map((room) => until(room, () => room.cues.size === 0)));
  expect((await host.operator.spotlight(sku)).type).toBe("done");
  await until(viewer, () => viewer.spotlight === sku);
  const frozen = await zhang.operator.freeze(sku, true, "wrong price");
  expect(frozen.type).toBe("done");
  await until(viewer, () => viewer.stock.get(sku)?.level === "frozen");
  expect(await viewer.reserve(sku)).toMatchObject({ code: "FROZEN" });
  expect(await viewer.operator.undo(frozen.id)).toMatchObject({ code: "FORBIDDEN" });
  expect((await zhang.operator.undo(frozen.id)).type).toBe("done");
  await until(viewer, () => viewer.stock.get(sku)?.level !== "frozen");
  expect((await zhang.operator.undo(`undo:${frozen.id}`)).type, "an undo can be undone").toBe("done");
  await until(viewer, () => viewer.stock.get(sku)?.level === "frozen");
  expect(await viewer.operator.notice("buy mine")).toMatchObject({ code: "FORBIDDEN" });
  expect((await zhang.operator.status("paused")).type).toBe("done");
  await until(viewer, () => viewer.status === "paused");
  expect((await zhang.operator.status("live")).type).toBe("done");
  expect((await zhang.operator.notice("")).type).toBe("done");
  await until(viewer, () => viewer.notice === null);
});

test("a device's clock that is 40 s wrong is of no account", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 40_000 });
  try {
    const room = await enter("wang");
    await room.reserve(sku);
    const truth = performance.timeOrigin + performance.now();
    expect(Math.abs(room.serverNowMs() - truth)).toBeLessThan(2_000);
  } finally {
    vi.useRealTimers();
  }
});

describe("who may not enter", () => {
  const closed = (room: Room) => until(room, () => room.state === "closed").catch(() => {});

  test.each<[string, number, () => Partial<ConnectOptions>]>([
    ["a wrong token", 401, () => ({ token: "not.a.token" })],
    ["a token for another room", 403, () => ({ token: server.token("viewer", "wang", { room: "morning" }) })],
    ["an unknown room", 404, () => ({ room: "nowhere" })],
  ])("is told why, for good: %s", async (_, status, options) => {
    const room = open(options());
    await closed(room);
    expect(room.error).toBeInstanceOf(Rejected);
    expect(room.error).toMatchObject({ status, detail: expect.stringMatching(/./) });
    await expect(room.reserve(sku)).rejects.toBe(room.error);
  });

  test("a full server says when to come again, and lets one in where there is place", async () => {
    const full = await new Server({ CONNECTIONS_MAX: "1" }).start();
    try {
      await full.openShop({ [sku]: 1 });
      const inside = open({ url: full.url });
      await until(inside, () => inside.current);
      const outside = open({ url: full.url, policy: { backoffCapMs: 100 } });
      const told: Event[] = [];
      outside.on("state", (change) => told.push(change));
      await until(outside, () => told.some((change) => change.type === "state" && change.retryInMs !== null));
      expect(told.at(-1)).toMatchObject({ reason: "this server is full (status 503)" });
      expect(Number(outside.retryAtMs) - performance.now()).toBeGreaterThan(500);
      inside.close();
      await until(outside, () => outside.current);
    } finally {
      await full.stop();
    }
  });

  test("a token that runs out ends the room", async () => {
    const exp = Math.floor(Date.now() / 1000) + 2;
    const room = await enter(null, { token: server.token("viewer", "wang", { exp }) });
    await closed(room);
    expect(room.error).toBeInstanceOf(ClosedByServer);
    expect(room.error).toMatchObject({ code: 4500 });
  });
});

describe("connections that break", () => {
  const policy = { backoffCapMs: 300 };

  test("what a page had asked for when it was left is taken once, and told to the next page", async () => {
    // A page that died before the answer reached it leaves its entry behind.
    const items = new Map<string, string>();
    const setItem = (key: string, value: string) => void items.set(key, value);
    const storage = { getItem: (key: string) => items.get(key) ?? null, setItem, removeItem: () => {} };
    const before = await enter("wang", { storage });
    const first = await before.reserve(sku, 2);
    before.close();
    const after = open({ token: server.token("viewer", "wang"), storage });
    expect([...after.pending.values()]).toEqual([{ kind: "reserve", id: first.id, sku, qty: 2 }]);
    const settled = await new Promise((resolve) => after.on("settled", resolve));
    expect(settled).toMatchObject({ id: first.id, result: { type: "reserved", qty: 2 } });
    await shows(after, 3, 2);
    expect([...after.reservations.keys()]).toContain(first.id);
  });

  test("a server that is killed with a reservation unanswered answers it once when it is back", async () => {
    const room = await enter("wang", { policy });
    const kept = await room.reserve(sku, 1);
    await shows(room, 4, 1);
    server.signal("SIGSTOP");
    const asked = room.reserve(sku, 2);
    await server.kill();
    await until(room, () => !room.current);
    expect(room.stock.get(sku)?.available, "the last known count").toBe(4);
    await server.start();
    expect((await asked).type).toBe("reserved");
    await shows(room, 2, 3);
    await until(room, () => room.reservations.has(kept.id));
  });

  test("a server that stops says so, and its successor is met", async () => {
    const room = await enter("wang", { policy });
    const reasons: string[] = [];
    room.on("state", (change) => reasons.push(change.reason));
    await server.kill("SIGTERM");
    await until(room, () => room.state === "disconnected");
    expect(reasons[0]).toContain("4000");
    await server.start();
    await until(room, () => room.current);
  });
});
