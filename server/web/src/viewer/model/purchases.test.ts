/** A viewer's purchases over a real room, whose socket is the test's. */

import { signal } from "@preact/signals";
import type { Reserved } from "@shelfcast/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { holding, refused, reserved, snapshot } from "../../../../../client_sdk/typescript/tests/driver";
import { FakeSocket } from "../../../../../client_sdk/typescript/tests/fake_socket";
import { type Live, openRoom } from "../../shared/live";
import { Notes } from "./notes";
import { Purchases, type Told } from "./purchases";
import { ASKED_AFTER_MS } from "./receipts";

const EXPIRES_AT_MS = holding("r1").expires_at_ms;
const NOBODY_HOLDS = { type: "me", reservations: [], waiting: [] };

let token: string;
let kept: Map<string, string>;
let told: Told[];
let page: { live: Live; purchases: Purchases };

const tokenOf = (user: string) => `x.${btoa(JSON.stringify({ sub: user })).replace(/=/g, "")}.x`;
/** What became of what was held, as the page tells it. */
const fates = () => page.purchases.receipts.value.map(({ id, fate }) => `${id} ${fate}`);
/** The ids for which something was asked of the server now. */
const asked = () => FakeSocket.last.sent.filter(({ type }) => type === "reserve").map(({ id }) => id);

/** A page that is opened in the tab. */
async function open(): Promise<void> {
  const access = { kind: signal("guest" as const), token: async () => token, current: () => token, refused: () => {} };
  const live = openRoom({ room: "show", access });
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  } as unknown as Storage;
  const purchases = new Purchases(live, {
    room: "show",
    token: () => token,
    tell: (each) => told.push(each),
    notes: new Notes(() => ({ offer: null, available: 0 })),
    asked: new Set(),
    storage,
  });
  page = { live, purchases };
  await vi.advanceTimersByTimeAsync(0);
}

function close(): void {
  page.purchases.dispose();
  page.live.dispose();
}

/** The server lets the page in. */
function letIn(changes: object = {}): void {
  FakeSocket.last.accept().say(snapshot({ MUG: 5 }, changes));
}

async function comesBack(changes: object = {}): Promise<void> {
  FakeSocket.last.drop();
  page.live.room.reconnect();
  await vi.advanceTimersByTimeAsync(0);
  letIn(changes);
  FakeSocket.last.say(NOBODY_HOLDS);
}

/** The viewer reserves a mug; returns the reservation's id. */
async function reserve(): Promise<string> {
  void page.purchases.reserve("MUG", 1);
  const id = asked().at(-1) ?? "";
  FakeSocket.last.say(reserved(id) satisfies Reserved);
  await vi.advanceTimersByTimeAsync(0);
  return id;
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  token = tokenOf("wang");
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

describe("a hold that is missing from the server's list", () => {
  it("is asked after with its id", async () => {
    const id = await reserve();
    await comesBack();
    expect([asked(), fates()]).toEqual([[id], []]);
    FakeSocket.last.say({ ...refused("EXPIRED", id), retry: "never" });
    await vi.advanceTimersByTimeAsync(0);
    expect(fates()).toEqual([`${id} expired`]);
  });

  it("is asked after by the next page too", async () => {
    const id = await reserve();
    close();
    await open();
    letIn();
    FakeSocket.last.say(NOBODY_HOLDS);
    expect([asked(), fates()]).toEqual([[id], []]);
  });

  it("is gone in a new book, which would make a new hold of its id", async () => {
    const id = await reserve();
    await comesBack({ epoch: 2 });
    expect([asked(), fates(), told.at(-1)?.kind]).toEqual([[], [`${id} gone`], "gone"]);
  });

  it("is gone where the book may have forgotten its id", async () => {
    const id = await reserve();
    await comesBack({ at_ms: EXPIRES_AT_MS + ASKED_AFTER_MS, epoch: 1 });
    expect([asked(), fates()]).toEqual([[], [`${id} gone`]]);
  });

  it("is nobody else's business", async () => {
    await reserve();
    close();
    told = [];
    token = tokenOf("chen");
    await open();
    letIn();
    FakeSocket.last.say(NOBODY_HOLDS);
    expect([asked(), fates(), told]).toEqual([[], [], []]);
    expect(JSON.parse(kept.get("shelfcast.receipts.show") ?? "{}").held).toEqual([]);
  });

  it.each([
    ["an older page kept it", {}],
    ["what was kept is spoilt", { user: 7, epoch: "1", expiresAtMs: EXPIRES_AT_MS }],
  ])("is not asked after where %s", async (_, rest) => {
    close();
    kept.set(
      "shelfcast.receipts.show",
      JSON.stringify({ receipts: [], held: [{ id: "r1", sku: "MUG", qty: 1, ...rest }] }),
    );
    await open();
    letIn();
    FakeSocket.last.say(NOBODY_HOLDS);
    expect(asked()).toEqual([]);
  });

  it("is not asked after for an anonymous customer, who is another one now", async () => {
    token = "";
    await comesBack();
    const id = await reserve();
    await comesBack();
    expect([asked(), fates()]).toEqual([[], [`${id} gone`]]);
  });
});
