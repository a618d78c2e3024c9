/** A viewer's waits over a real room, whose socket is the test's. */

import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { refused, snapshot } from "../../../../../client_sdk/typescript/tests/driver";
import { FakeSocket } from "../../../../../client_sdk/typescript/tests/fake_socket";
import { type Live, openRoom } from "../../shared/live";
import { Notes } from "./notes";
import { Purchases, type Told } from "./purchases";
import { Waits, type WaitTold } from "./waits";
import { parseWaits } from "./waitstore";

const TOKEN = `x.${btoa(JSON.stringify({ sub: "wang" })).replace(/=/g, "")}.x`;
const NOTHING = { type: "me", reservations: [], waiting: [] };

let kept: Map<string, string>;
let told: (Told | WaitTold)[];
let page: { live: Live; waits: Waits; purchases: Purchases; notes: Notes };

const place = (id: string, last = 50, more: object = {}) => ({
  type: "waiting",
  id,
  sku: "MUG",
  qty: 3,
  first: 1,
  last,
  ...more,
});
const offer = (id: string, qty = 3) => ({
  type: "offer",
  id,
  sku: "MUG",
  qty,
  asked: 3,
  expires_at_ms: 91_000,
  seq: 12,
  at_ms: 1_000,
});
const hold = (id: string, qty = 3) => ({
  id,
  sku: "MUG",
  qty,
  state: "active",
  expires_at_ms: 91_000,
  offered: true,
});
const kinds = () => told.map(({ kind }) => kind);
const sent = (type: string) => FakeSocket.last.sent.filter((message) => message.type === type);
const news = () => page.waits.news.value.map(({ why, key }) => `${why} ${key}`);

/** A page that is opened in the tab. */
async function open(): Promise<void> {
  const access = {
    kind: signal("guest" as const),
    token: async () => TOKEN,
    current: () => TOKEN,
    refused: () => {},
  };
  const live = openRoom({ room: "show", access });
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  } as unknown as Storage;
  const notes = new Notes(() => ({ offer: { kind: "wait", because: "all_held", later: false }, available: 0 }));
  const own = { room: "show", token: () => TOKEN, notes, asked: new Set<string>(), storage };
  const purchases = new Purchases(live, { ...own, tell: (each) => told.push(each) });
  page = { live, notes, purchases, waits: new Waits(live, { ...own, tell: (each) => told.push(each) }) };
  await settle();
}

function close(): void {
  page.waits.dispose();
  page.purchases.dispose();
  page.notes.dispose();
  page.live.dispose();
}

/** The answers are heard, and drawn. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(20);
}

function letIn(changes: object = {}): void {
  FakeSocket.last.accept().say(snapshot({ MUG: 0 }, { waitlist: true, ...changes }));
}

async function comesBack(me: object, changes: object = {}): Promise<void> {
  FakeSocket.last.drop();
  page.live.room.reconnect();
  await settle();
  letIn(changes);
  FakeSocket.last.say(me);
  await settle();
}

/** The viewer waits for three mugs; returns the id. */
async function wait(): Promise<string> {
  void page.waits.wait("MUG", 3);
  const id = String(sent("wait").at(-1)?.id);
  FakeSocket.last.say(place(id));
  await settle();
  return id;
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  kept = new Map();
  told = [];
  FakeSocket.opened = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("location", { origin: "https://shop.example" });
  vi.stubGlobal("document", { hidden: false });
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw, 16));
  vi.stubGlobal("cancelAnimationFrame", clearTimeout);
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("Failed to fetch")));
  await open();
  letIn();
});

afterEach(() => {
  close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("who waits", () => {
  it("is told so once, and when the place is nearer", async () => {
    const id = await wait();
    expect(page.waits.place("MUG")).toMatchObject({ id, last: 50 });
    FakeSocket.last.say(place(id));
    FakeSocket.last.say(place(id, 10));
    FakeSocket.last.say(place(id, 10, { stopped: "PAUSED" }));
    FakeSocket.last.say(place(id, 10));
    await settle();
    expect(kinds()).toEqual(["waiting", "closer", "stopped", "goes_on"]);
  });

  it("asks once, however often it is pressed, and not again while it waits", async () => {
    void page.waits.wait("MUG", 3);
    void page.waits.wait("MUG", 3);
    await settle();
    expect(page.waits.isAsking("MUG")).toBe(true);
    FakeSocket.last.say(place(String(sent("wait")[0]?.id)));
    void page.waits.wait("MUG", 3);
    await settle();
    expect(sent("wait")).toHaveLength(1);
    expect(page.waits.isAsking("MUG")).toBe(false);
    expect(page.purchases.asking.value).toEqual([]);
  });

  it("is told why it may not", async () => {
    void page.waits.wait("MUG", 3);
    FakeSocket.last.say({ ...refused("SHELF_FULL", String(sent("wait")[0]?.id)), field: "waiting" });
    await settle();
    expect(page.notes.of("MUG").value?.key).toBe("wait_refused.full");
    expect(kinds()).toEqual(["refused"]);
  });

  it("may leave", async () => {
    const id = await wait();
    const place = page.waits.place("MUG");
    if (place !== null) void page.waits.leave(place);
    expect(page.waits.isLeaving(id)).toBe(true);
    FakeSocket.last.say({ type: "wait_over", id, sku: "MUG", qty: 3, code: "OK", message: "" });
    await settle();
    expect([page.waits.place("MUG"), page.waits.isLeaving(id), news()]).toEqual([null, false, []]);
    expect(kinds()).toEqual(["waiting", "over"]);
  });

  it("is told why it is over, until it has taken note", async () => {
    const id = await wait();
    FakeSocket.last.say({ type: "wait_over", id, sku: "MUG", qty: 3, code: "SALE_ENDED", message: "" });
    await settle();
    expect(news()).toEqual(["over wait_over.SALE_ENDED"]);
    close();
    await open();
    expect(news()).toEqual(["over wait_over.SALE_ENDED"]);
    page.waits.dismiss(id);
    expect(news()).toEqual([]);
  });
});

describe("whose turn it is", () => {
  it("has a hold, and knows how many were waited for, also after a reload", async () => {
    const id = await wait();
    FakeSocket.last.say(offer(id, 2));
    await settle();
    expect(page.waits.place("MUG")).toBeNull();
    expect(page.purchases.asked({ ...hold(id, 2), state: "active" })).toBe(3);
    close();
    told = [];
    await open();
    letIn();
    FakeSocket.last.say({ ...NOTHING, reservations: [hold(id, 2)] });
    await settle();
    expect(page.purchases.asked({ ...hold(id, 2), state: "active" })).toBe(3);
    expect(told).toEqual([]);
  });

  it("is told once, whoever says it", async () => {
    const id = await wait();
    FakeSocket.last.say(offer(id));
    FakeSocket.last.say(offer(id));
    await settle();
    expect(kinds()).toEqual(["waiting", "turn"]);
  });

  it("is told when it came while the page was away", async () => {
    const id = await wait();
    await comesBack({ ...NOTHING, reservations: [hold(id)] });
    expect(kinds()).toEqual(["waiting", "turn"]);
    expect(sent("wait")).toEqual([]);
  });

  it("gives back by declining", async () => {
    const id = await wait();
    FakeSocket.last.say(offer(id));
    await settle();
    const [turn] = page.live.reservations.value;
    if (turn !== undefined) void page.purchases.giveBack(turn);
    expect([sent("decline").length, sent("cancel").length]).toEqual([1, 0]);
    FakeSocket.last.say({ type: "cancelled", id, sku: "MUG", qty: 3, seq: 13 });
    await settle();
    expect(page.purchases.receipts.value).toMatchObject([{ id, fate: "cancelled", offered: true }]);
  });

  it("is told that it was missed", async () => {
    const id = await wait();
    FakeSocket.last.say(offer(id));
    FakeSocket.last.say({ type: "expired", id, sku: "MUG", qty: 3, seq: 13 });
    await settle();
    expect(told.at(-1)).toMatchObject({ kind: "expired", asked: 3 });
    expect(page.notes.of("MUG").value?.key).toBe("turn.lapsed");
  });

  it("asks after what was missed meanwhile as it was asked for: as a wait, for as many", async () => {
    const id = await wait();
    FakeSocket.last.say(offer(id, 2));
    await settle();
    await comesBack(NOTHING);
    expect(sent("wait")).toMatchObject([{ id, qty: 3 }]);
    FakeSocket.last.say({ ...refused("EXPIRED", id), retry: "never" });
    await settle();
    expect(page.purchases.receipts.value).toMatchObject([{ id, fate: "expired", offered: true }]);
    expect(kinds()).toEqual(["waiting", "turn", "expired"]);
  });
});

describe("a place that is missing from the server's list", () => {
  it.each([
    ["EXPIRED", "lapsed turn.lapsed"],
    ["SALE_ENDED", "over wait_over.SALE_ENDED"],
    ["PAID_NO_STOCK", "over refused.PAID_NO_STOCK"],
  ])("is asked after with its id, and says %s", async (code, expected) => {
    const id = await wait();
    await comesBack(NOTHING);
    expect(sent("wait")).toMatchObject([{ id, qty: 3 }]);
    FakeSocket.last.say({ ...refused(code, id), retry: "never" });
    await settle();
    expect(news()).toEqual([expected]);
    expect(kinds()).toEqual(["waiting", "over"]);
  });

  it("is no news where it was left, or bought", async () => {
    const id = await wait();
    await comesBack(NOTHING);
    FakeSocket.last.say({ ...refused("ALREADY_CANCELLED", id), retry: "never" });
    await settle();
    expect([news(), kinds()]).toEqual([[], ["waiting"]]);
  });

  it("is gone in a new book, which would make a new place of its id", async () => {
    await wait();
    await comesBack(NOTHING, { epoch: 2 });
    expect([sent("wait"), news()]).toEqual([[], ["over wait_over.NOT_FOUND"]]);
  });
});

it.each([
  ["", { waits: [], news: [] }],
  ["{}", { waits: [], news: [] }],
  [
    '{"waits":[{"id":1}],"news":[{"id":"a","sku":"M","qty":1,"why":"over","key":"x","values":{}}]}',
    { waits: [], news: [] },
  ],
])("passes over what is no waits: %s", (text, expected) => expect(parseWaits(text)).toEqual(expected));
