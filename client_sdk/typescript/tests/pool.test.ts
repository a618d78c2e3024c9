/** The client of a pool: its mirror by itself, its connection over a fake socket, and all of it against the real server. */

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { msgpack } from "../src/msgpack.js";
import type { PoolMessage } from "../src/pool/messages.js";
import { PoolMirror } from "../src/pool/mirror.js";
import { readPoolMessage } from "../src/pool/read.js";
import {
  ClosedByServer,
  connectPool,
  json,
  type Pool,
  type PoolOptions,
  ProtocolError,
  Rejected,
  UsageError,
} from "../src/pool.js";
import { seeded } from "./driver.js";
import { FakeSocket } from "./fake_socket.js";
import { Server, until } from "./server.js";

let pools: Pool[] = [];
afterEach(() => {
  for (const pool of pools) pool.close();
  pools = [];
  vi.unstubAllGlobals();
});

function follow(options: Partial<PoolOptions>): Pool {
  const pool = connectPool({
    url: "https://shop.example",
    pool: "main",
    token: "a.b.c",
    WebSocket: FakeSocket,
    ...options,
  });
  pools.push(pool);
  return pool;
}

const snapshot = (epoch = 1, seq = 10) => ({ type: "pool", pool: "main", epoch, seq, at_ms: 1, topics: ["units"] });
const units = (...rows: [sku: string, seq: number, pool: number][]) => ({
  type: "units",
  at_ms: 1,
  rows: rows.map(([sku, seq, pool]) => [sku, seq, pool, 0, 0, false, [["live", 0, 1, 2, 0, 0, "of a newer server"]]]),
});
const people = (room: string, viewers: number) => ({ type: "people", at_ms: 1, rows: [[room, "live", null, viewers]] });
const actions = (...numbers: number[]) => ({
  type: "actions",
  at_ms: 1,
  rows: numbers.map((n) => [n, 1, "status", "evening", "evening", { status: "live" }, "li", "a"]),
});
const alerts = (...rows: [id: string, state: string][]) => ({
  type: "alerts",
  at_ms: 1,
  rows: rows.map(([id, state]) => ({ type: "alert", id, sku: "mug", state, tier_percent: 20, ...UNITS_LEFT })),
});
const UNITS_LEFT = { remaining: 1, remaining_share: 0.2, advice: "watch the pace", at_ms: 1 };
const current = (seq: number) => ({ type: "current", seq, at_ms: 1 });

function hear(mirror: PoolMirror, ...messages: object[]): PoolMirror {
  for (const message of messages) mirror.apply(readPoolMessage(message) as PoolMessage);
  return mirror;
}

const shown = ({ units }: PoolMirror | Pool) => Object.fromEntries([...units].map(([sku, row]) => [sku, row.pool]));

describe("the mirror", () => {
  test("is current when everything was told, and until it may be old", () => {
    const mirror = hear(new PoolMirror(), snapshot(), units(["mug", 10, 5]));
    expect(mirror.current).toBe(false);
    hear(mirror, current(12));
    expect([mirror.current, mirror.seq, shown(mirror)]).toEqual([true, 12, { mug: 5 }]);
    expect(mirror.units.get("mug")?.channels).toEqual([
      { channel: "live", allocated: 0, held: 1, sold: 2, presale_held: 0, presale_sold: 0 },
    ]);
    hear(mirror, { type: "error", code: "UNAVAILABLE", message: "old" });
    expect(mirror.current).toBe(false);
    hear(mirror, current(13));
    mirror.doubt(true);
    expect(mirror.current).toBe(false);
    mirror.doubt(false);
    expect(mirror.current).toBe(true);
    mirror.disconnected();
    expect([mirror.current, shown(mirror)]).toEqual([false, { mug: 5 }]);
  });

  test("lets no SKU run backwards after a reconnect to a server that lags", () => {
    const mirror = hear(new PoolMirror(), snapshot(1, 20), units(["mug", 20, 5], ["cup", 3, 7]), current(20));
    hear(mirror, snapshot(1, 18), units(["mug", 18, 6], ["cup", 3, 7]), current(18));
    expect([shown(mirror), mirror.seq]).toEqual([{ mug: 5, cup: 7 }, 20]);
    hear(mirror, units(["mug", 21, 4]));
    expect([shown(mirror), mirror.seq]).toEqual([{ mug: 4, cup: 7 }, 21]);
  });

  test("begins anew with another epoch, and drops what that does not bring", () => {
    const mirror = hear(new PoolMirror(), snapshot(1, 20), units(["mug", 20, 5], ["cup", 3, 7]));
    hear(mirror, people("evening", 3), actions(1), current(20), snapshot(2, 4));
    expect(shown(mirror)).toEqual({ mug: 5, cup: 7 });
    hear(mirror, units(["mug", 2, 9]), units(["mug", 1, 8]));
    mirror.takeChange();
    hear(mirror, current(4));
    expect([shown(mirror), mirror.rooms.size, mirror.actions.size, mirror.seq]).toEqual([{ mug: 9 }, 0, 0, 4]);
    expect(mirror.takeChange()).toMatchObject({ units: new Set(["cup"]), rooms: new Set(["evening"]), actions: true });
    expect(mirror.takeChange()).toBeNull();
  });

  test("keeps the alerts that stand", () => {
    const mirror = hear(new PoolMirror(), snapshot(), alerts(["evening.1:1", "firing"], ["evening.1:2", "firing"]));
    expect(mirror.takeChange()).toMatchObject({ alerts: new Set(["evening.1:1", "evening.1:2"]) });
    hear(mirror, alerts(["evening.1:1", "resolved"], ["evening.1:2", "acknowledged"]), current(10));
    expect([...mirror.alerts].map(([id, { type, state }]) => [id, type, state])).toEqual([
      ["evening.1:2", "alert", "acknowledged"],
    ]);
    expect(mirror.takeChange()).toMatchObject({ alerts: new Set(["evening.1:1", "evening.1:2"]) });
    expect(mirror.takeChange()).toBeNull();
  });

  test.each([[1], [2]])("drops alerts that were resolved while it was away: epoch %i", (epoch) => {
    const mirror = hear(new PoolMirror(), snapshot(), alerts(["evening.1:1", "firing"], ["evening.1:2", "firing"]));
    hear(mirror, current(10));
    mirror.disconnected();
    mirror.connected();
    hear(mirror, snapshot(epoch), alerts(["evening.1:2", "firing"]));
    expect(mirror.alerts.size).toBe(2);
    mirror.takeChange();
    hear(mirror, current(11));
    expect([...mirror.alerts.keys()]).toEqual(["evening.1:2"]);
    expect(mirror.takeChange()).toMatchObject({ alerts: new Set(["evening.1:1"]) });
  });

  test("keeps the crew that is there, and forgets who left while it was away", () => {
    const crew = (...rows: [user: string, role: string, connections: number, since_ms: number][]) => ({
      type: "crew",
      at_ms: 1,
      rows,
    });
    const mirror = hear(new PoolMirror(), snapshot(), crew(["wang", "operator", 2, 5], ["wang", "service", 1, 6]));
    expect(mirror.crew.get("operator wang")).toEqual({ user: "wang", role: "operator", connections: 2, since_ms: 5 });
    expect(mirror.takeChange()).toMatchObject({ crew: true });
    hear(mirror, crew(["wang", "service", 0, 6], ["li", "operator", 1, 9]), current(10));
    expect([...mirror.crew.keys()]).toEqual(["operator wang", "operator li"]);
    hear(mirror, snapshot(), crew(["li", "operator", 1, 9]));
    mirror.takeChange();
    hear(mirror, current(11));
    expect([[...mirror.crew.keys()], mirror.takeChange()?.crew]).toEqual([["operator li"], true]);
  });

  test("keeps the last thousand events", () => {
    const mirror = hear(new PoolMirror(), snapshot(), actions(...Array.from({ length: 1_005 }, (_, n) => n + 1)));
    expect([mirror.actions.size, [...mirror.actions.keys()][0]]).toEqual([1_000, 6]);
  });

  test.each([
    [{ type: "units", at_ms: 1, rows: [["mug", 1, 2]] }, "rows[0][3]"],
    [{ type: "units", at_ms: 1, rows: ["mug"] }, "rows[0]"],
    [{ type: "actions", at_ms: 1, rows: [[1, 1, "t", "", "", null, "", ""]] }, "rows[0][5]"],
    [{ type: "alerts", at_ms: 1, rows: [["evening.1:1"]] }, "rows[0]"],
    [{ type: "alerts", at_ms: 1, rows: [{ id: 1 }] }, "rows[0].id"],
    [[], "message"],
  ])("does not take %j", (message, at) => {
    expect(() => readPoolMessage(message)).toThrow(ProtocolError);
    expect(() => readPoolMessage(message)).toThrow(at);
  });

  test("passes over what a newer server says", () => {
    expect(readPoolMessage({ type: "weather" })).toBeNull();
  });
});

describe("the connection", () => {
  const last = () => FakeSocket.last;

  test("asks for the topics, shows its token, and tells what changed", async () => {
    const pool = follow({ topics: ["units", "people"], url: "https://shop.example/live/" });
    await vi.waitUntil(() => FakeSocket.opened.length);
    expect(last().url).toBe("wss://shop.example/live/v1/pools/main/ws?topics=units,people");
    expect(last().protocols).toEqual(["shelfcast.v1.json", "bearer.a.b.c"]);
    const changes = vi.fn();
    const heard = vi.fn();
    pool.on("change", changes);
    pool.on("units", heard);
    last()
      .accept()
      .say(snapshot(), units(["mug", 10, 5]), current(10));
    expect([pool.current, pool.state, pool.epoch, shown(pool)]).toEqual([true, "connected", 1, { mug: 5 }]);
    expect(changes.mock.calls.map(([{ units, pool }]) => [[...units], pool])).toEqual([
      [[], true],
      [["mug"], false],
      [[], true],
    ]);
    expect(heard).toHaveBeenCalledOnce();
    last().drop(4_502, "too much");
    expect(pool.error).toBeInstanceOf(ClosedByServer);
  });

  test("comes back by itself, with its rows still there, and is told for good by the entry", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    vi.spyOn(Math, "random").mockImplementation(seeded(1));
    const asked = vi.fn(async (_url: string) => new Response('{"code":"FORBIDDEN","field":"pool"}', { status: 403 }));
    vi.stubGlobal("fetch", asked);
    const pool = follow({ topics: ["units"] });
    await vi.advanceTimersByTimeAsync(0);
    last()
      .accept()
      .say(snapshot(), units(["mug", 10, 5]), current(10))
      .drop();
    expect([pool.state, pool.current, shown(pool)]).toEqual(["disconnected", false, { mug: 5 }]);
    await vi.advanceTimersByTimeAsync(500);
    expect(pool.state).toBe("connecting");
    last().drop();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.mock.calls[0]?.[0]).toBe("https://shop.example/v1/pools/main/entry?topics=units");
    expect([pool.state, pool.error]).toEqual(["closed", expect.any(Rejected)]);
    expect(vi.getTimerCount()).toBe(0);
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test.each([[{ pool: "No Name" }], [{ topics: [] }], [{ url: "ftp://x" }]])("refuses %j", (options) => {
    expect(() => follow(options)).toThrow(UsageError);
  });
});

describe("against the server", () => {
  const server = new Server({ DRAIN_RECONNECT_AFTER_MS: "50" });
  beforeAll(async () => {
    await server.start();
    await server.openShop({ mug: 5, cup: 9 });
  });
  afterAll(() => server.stop());

  const here = (options: Partial<PoolOptions> = {}) =>
    follow({ url: server.url, token: () => server.token("operator", "zhang"), WebSocket, ...options });

  test.each([json, msgpack])("shows the pool as it is and as it changes: $protocol", async (encoding) => {
    const pool = here({ encoding });
    await until(pool, () => pool.current);
    expect(pool.rooms.get("evening")).toMatchObject({ status: "live", spotlight: null });
    const before = pool.units.get("cup")?.pool as number;
    await server.api("POST", "/v1/pools/main/moves", { kind: "receive", sku: "cup", qty: 2, target: "pool" });
    await until(pool, () => pool.units.get("cup")?.pool === before + 2);
    const frozen = encoding === json;
    await server.api("POST", "/v1/pools/main/moves", { kind: frozen ? "freeze" : "unfreeze", sku: "mug" });
    await until(pool, () => pool.units.get("mug")?.frozen === frozen);
    await until(pool, () => [...pool.actions.values()].some(({ type }) => type === (frozen ? "frozen" : "unfrozen")));
  });

  test("hears why it is refused", async () => {
    const viewer = here({ token: server.token("viewer", "li") });
    await expect(until(viewer, () => viewer.current)).rejects.toMatchObject({ status: 403, field: "role" });
    const none = here({ topics: ["units", "weather"] });
    await expect(until(none, () => none.current)).rejects.toMatchObject({ status: 400, field: "topics" });
    const nowhere = here({ pool: "nowhere" });
    await expect(until(nowhere, () => nowhere.current)).rejects.toMatchObject({ status: 404, field: "pool" });
  });

  test("survives a server that dies, and ends equal", async () => {
    const pool = here({ topics: ["units"], policy: { backoffCapMs: 200 } });
    await until(pool, () => pool.current);
    const { epoch } = pool;
    await server.kill();
    await until(pool, () => !pool.current);
    expect(pool.units.has("mug")).toBe(true);
    await server.start();
    await until(pool, () => pool.current);
    expect(pool.epoch).toBeGreaterThan(epoch);
    await server.api("POST", "/v1/pools/main/moves", { kind: "receive", sku: "mug", qty: 3, target: "pool" });
    await until(pool, () => pool.units.get("mug")?.pool === 8);
  });
});
