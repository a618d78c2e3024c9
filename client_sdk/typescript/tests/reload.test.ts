/** A page that is loaded again asks for what was unanswered: the tab's storage, and whose it is. */

import { describe, expect, test, vi } from "vitest";
import type { ConnectOptions, Room } from "../src/index.js";
import { reserved, snapshot } from "./driver.js";
import { enter, entered, pass, TOKEN, token } from "./entering.js";
import { FakeSocket } from "./fake_socket.js";

/** The storage of a tab. */
class Tab implements Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  readonly items = new Map<string, string>();
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
}

describe("a page that is loaded again", () => {
  const HELD = { id: "r1", sku: "MUG", qty: 1, state: "active", expires_at_ms: 301_000 };
  const KEY = "shelfcast:https://shop.example/live/v1/rooms/show/entry";

  async function reloaded(tab: Tab, options: Partial<ConnectOptions> = {}): Promise<Room> {
    FakeSocket.opened = [];
    const room = enter({ storage: tab, ...options });
    return room;
  }

  async function leftOpen(tab: Tab): Promise<string> {
    const room = await entered({ storage: tab });
    void room.reserve("MUG", 2);
    return [...room.pending.keys()][0] ?? "";
  }

  test("asks again for what was unanswered, and tells what became of it", async () => {
    const tab = new Tab();
    const id = await leftOpen(tab);
    const room = await reloaded(tab);
    const settled = vi.fn();
    room.on("settled", settled);
    expect([...room.pending.values()]).toEqual([{ kind: "reserve", id, sku: "MUG", qty: 2 }]);
    const asked = room.reserve("MUG", 2, { id });
    await pass();
    FakeSocket.last.accept().say(snapshot({ MUG: 5 }));
    expect(FakeSocket.last.sent).toEqual([{ type: "reserve", id, sku: "MUG", qty: 2, again: true }]);
    FakeSocket.last.say(reserved(id, 2));
    expect(settled.mock.calls).toEqual([
      [{ type: "settled", kind: "reserve", id, sku: "MUG", qty: 2, result: reserved(id, 2) }],
    ]);
    expect((await asked).type).toBe("reserved");
    expect([room.pending.size, tab.items.size]).toEqual([0, 0]);
  });

  test("does so also where the token comes from a function", async () => {
    const tab = new Tab();
    const id = await leftOpen(tab);
    const room = await reloaded(tab, { token: async () => TOKEN });
    expect(room.pending.size).toBe(0);
    await pass();
    expect([...room.pending.keys()]).toEqual([id]);
  });

  test("keeps also what was asked for before the first token came", async () => {
    const tab = new Tab();
    const room = enter({ storage: tab, token: async () => TOKEN });
    void room.reserve("MUG", 2);
    expect(tab.items.size, "whose it is, is not known yet").toBe(0);
    await pass();
    const [id] = room.pending.keys();
    expect([...(await reloaded(tab)).pending.values()]).toEqual([{ kind: "reserve", id, sku: "MUG", qty: 2 }]);
  });

  test.each<[string, Partial<ConnectOptions>, number]>([
    ["of another user", { token: token("li") }, 0],
    ["of nobody", { token: null }, 0],
    ["in another room", { room: "morning" }, 0],
    ["after a while", {}, 120_000],
    ["on a clock that was set back", {}, -1],
  ])("does not do so in the name %s", async (_, options, laterMs) => {
    const tab = new Tab();
    await leftOpen(tab);
    vi.setSystemTime(Date.now() + laterMs);
    const room = await reloaded(tab, options);
    await pass();
    expect(room.pending.size).toBe(0);
  });

  test.each([
    "{",
    "null",
    "7",
    "[]",
    '{"user":"wang"}',
    '{"user":"wang","since_ms":"now","made":[]}',
    '{"user":"wang","since_ms":NOW,"made":7}',
    '{"user":"wang","since_ms":NOW,"made":"MUG"}',
    '{"user":"wang","since_ms":NOW,"made":[null,{"id":"a b","sku":"MUG","qty":1},{"id":"a","sku":"MUG","qty":1e9}]}',
    '{"user":"wang","since_ms":1e999,"made":[{"id":"a","sku":"MUG","qty":1}]}',
    '{"user":"wang","since_ms":NOW,"made":{"length":1e9}}',
  ])("ignores a broken entry: %s", async (entry) => {
    const tab = new Tab();
    tab.setItem(KEY, entry.replace("NOW", String(Date.now())));
    const room = await reloaded(tab);
    await pass();
    expect([room.pending.size, room.state]).toEqual([0, "connecting"]);
  });

  test("takes up no more than may be unanswered", async () => {
    const tab = new Tab();
    const made = Array.from({ length: 1_000 }, (_, number) => ({ id: `r${number}`, sku: "MUG", qty: 1 }));
    tab.setItem(KEY, JSON.stringify({ user: "wang", since_ms: Date.now(), made }));
    expect((await reloaded(tab)).pending.size).toBe(64);
  });

  test("works on where storage is forbidden or full", async () => {
    const forbidden = () => {
      throw new DOMException("denied", "SecurityError");
    };
    vi.stubGlobal("sessionStorage", { getItem: forbidden, setItem: forbidden, removeItem: forbidden });
    const room = await entered({ storage: undefined });
    const asked = room.reserve("MUG");
    FakeSocket.last.say(reserved(FakeSocket.last.sent[0]?.id ?? ""));
    expect((await asked).type).toBe("reserved");
    Object.defineProperty(globalThis, "sessionStorage", { configurable: true, get: forbidden });
    expect((await entered({ storage: undefined })).current).toBe(true);
    Reflect.deleteProperty(globalThis, "sessionStorage");
  });

  test.each(["", "li"])("a user who leaves takes their reservations along (next: %j)", async (next) => {
    let user = "wang";
    const room = await entered({ token: () => (user ? token(user) : "") });
    FakeSocket.last.say({ type: "me", reservations: [HELD] });
    expect([...room.reservations.keys()]).toEqual(["r1"]);
    user = next;
    const changed = vi.fn();
    room.on("change", changed);
    room.reconnect();
    expect(room.reservations.size, "until it is known whose connection comes").toBe(1);
    await pass();
    expect(room.reservations.size).toBe(0);
    expect(changed.mock.lastCall?.[0].reservations).toBe(true);
  });

  test("who closes the room when a user leaves gets no connection any more", async () => {
    let user = "wang";
    const room = await entered({ token: () => token(user) });
    room.on("settled", () => room.close());
    void room.reserve("MUG");
    user = "li";
    FakeSocket.last.drop();
    await pass(1_000);
    expect([room.state, FakeSocket.opened.length]).toEqual(["closed", 1]);
  });

  test("a user who leaves takes their open wishes along", async () => {
    const tab = new Tab();
    let user = "wang";
    const room = await entered({ storage: tab, token: () => token(user), WebSocket: FakeSocket });
    const asked = room.reserve("MUG");
    user = "li";
    FakeSocket.last.drop();
    await pass(1_000);
    FakeSocket.last.accept().say(snapshot({ MUG: 5 }));
    expect(FakeSocket.last.sent).toEqual([]);
    expect(await asked).toMatchObject({ type: "unanswered", reason: "another user" });
  });
});
