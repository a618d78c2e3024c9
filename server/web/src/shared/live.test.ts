/** A page's signals over a real room, whose socket and whose browser's frames are the test's. */

import { effect, signal } from "@preact/signals";
import type { Banner } from "@shelfcast/client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { holding, reserved, snapshot, stock, view } from "../../../../client_sdk/typescript/tests/driver";
import { FakeSocket } from "../../../../client_sdk/typescript/tests/fake_socket";
import type { Access } from "./access";
import { type LiveBackstage, openBackstage } from "./backstage";
import { type Live, LOOK_KEPT_MS, openRoom, SILENT_MS } from "./live";

let live: Live;
let frames: Map<number, () => void>;
let asked: number;
const page = { hidden: false };

/** What the browser does before it draws. */
function frame(): void {
  const due = [...frames.values()];
  frames.clear();
  for (const draw of due) draw();
}

/** How often each value of `read` was told, the first one left out. */
function told<Value>(read: () => Value): Value[] {
  const values: Value[] = [];
  const end = effect(() => void values.push(read()));
  onEnd.push(end);
  values.length = 0;
  return values;
}

function alert(sku: string): object {
  return { type: "alert", sku, tier_percent: 5, remaining: 1, remaining_share: 0.05, advice: "restock", at_ms: 1_000 };
}

function metric(sku: string, sold: number): object {
  const pace = { offered: 9, share_left: 0.7, units_a_minute: 1, sold_out_in_minutes: 7, sell_through: 0.1 };
  const rows = [{ sku, remaining: 7, held: 0, sold, ...pace }];
  return { type: "metrics", at_ms: 1_000, viewers: 2, rows };
}

const onEnd: (() => void)[] = [];

async function enter(options: { access?: Access } = {}): Promise<void> {
  await entered(openRoom({ room: "show", ...options }));
}

async function enterBackstage(): Promise<LiveBackstage> {
  const opened = openBackstage({ room: "show" });
  await entered(opened);
  return opened;
}

async function entered(opened: Live): Promise<void> {
  live = opened;
  await vi.advanceTimersByTimeAsync(0);
  FakeSocket.last.accept().say(snapshot({ MUG: 5, BOWL: 7 }, { title: "Mugs", spotlight: "MUG" }));
  frame();
}

function banner(sku: string, kind: Banner["kind"]): object {
  return { type: "banner", seq: 11, sku, kind, left: 1 };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  frames = new Map();
  asked = 0;
  page.hidden = false;
  FakeSocket.opened = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("location", { origin: "https://shop.example" });
  vi.stubGlobal("document", page);
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => {
    asked += 1;
    frames.set(asked, draw);
    return asked;
  });
  vi.stubGlobal("cancelAnimationFrame", (id: number) => frames.delete(id));
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("Failed to fetch")));
});

afterEach(() => {
  for (const end of onEnd.splice(0)) end();
  live.dispose();
  expect([vi.getTimerCount(), frames.size], "a page that is done leaves nothing behind").toEqual([0, 0]);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("counts that are old", () => {
  const blindness = { type: "error", id: null, code: "UNAVAILABLE", message: "no stock book", retry_after_ms: null };

  test("are so for want of the stock book until the server sees it again", async () => {
    await enter();
    FakeSocket.last.say(blindness);
    frame();
    expect(live.connection.value).toMatchObject({ state: "connected", current: false, blind: true });
    FakeSocket.last.say(snapshot({ MUG: 5 }, { seq: 12 }));
    frame();
    expect(live.connection.value).toMatchObject({ current: true, blind: false });
  });

  test("are so for want of a connection when that goes too, and while the next one brings nothing", async () => {
    await enter();
    FakeSocket.last.say(blindness);
    frame();
    FakeSocket.last.drop();
    expect(live.connection.value).toMatchObject({ state: "disconnected", blind: false });
    live.room.reconnect();
    await vi.advanceTimersByTimeAsync(0);
    FakeSocket.last.accept();
    expect(live.connection.value).toMatchObject({ state: "connected", current: false, blind: false });
  });
});

describe("a token that expires", () => {
  const came = (kind: "link" | "guest", tokens: string[], refused: unknown[]): Access => ({
    kind: signal(kind),
    token: async () => tokens.shift() ?? "",
    current: () => "of-the-link",
    refused: (error) => void refused.push(error),
  });
  const TOKEN_EXPIRED = 4500;

  test("is the end for who came by a link, who is told why", async () => {
    const refused: unknown[] = [];
    await enter({ access: came("link", [], refused) });
    FakeSocket.last.drop(TOKEN_EXPIRED, "token expired");
    expect(live.connection.value).toMatchObject({ state: "closed", error: { code: TOKEN_EXPIRED } });
    expect(refused).toEqual([live.connection.value.error]);
  });

  test("is followed by another of a guest's", async () => {
    const refused: unknown[] = [];
    await enter({ access: came("guest", ["first", "second"], refused) });
    FakeSocket.last.drop(TOKEN_EXPIRED, "token expired");
    expect([live.connection.value.state, refused]).toEqual(["disconnected", []]);
  });
});

describe("drawing", () => {
  test("the room is there with the first frame after its snapshot", async () => {
    await enter();
    expect([live.title.value, live.status.value, live.spotlight.value]).toEqual(["Mugs", "live", "MUG"]);
    expect(live.shelf.value).toEqual(["MUG", "BOWL"]);
    expect(live.sku("MUG").value).toEqual(view("MUG", 5));
    expect(live.connection.value).toMatchObject({ state: "connected", current: true, oldSinceMs: null, error: null });
  });

  test("whatever comes between two frames is set once, as it was last", async () => {
    await enter();
    const counts = told(() => live.sku("MUG").value?.available);
    const viewers = told(() => live.viewers.value);
    const before = asked;
    for (let left = 4; left > 0; left -= 1) {
      FakeSocket.last.say(stock(11 + left, { MUG: left }), { type: "viewers", viewers: 100 + left });
    }
    FakeSocket.last.say(stock(20, { MUG: 1 }), { type: "viewers", viewers: 108 });
    expect([counts, viewers, asked - before]).toEqual([[], [], 1]);
    frame();
    expect([counts, viewers]).toEqual([[1], [108]]);
    frame();
    expect([counts, viewers, frames.size]).toEqual([[1], [108], 0]);
  });

  test("what did not change is not set, and a signal stays the same one", async () => {
    const backstage = await enterBackstage();
    const cue = { type: "cue", id: "c1", text: "Show the mug", sku: null, at_ms: 1_000 };
    const me = { type: "me", reservations: [holding("r1")] };
    FakeSocket.last.say(alert("MUG"), cue, metric("MUG", 1), me);
    frame();
    const [mug, row] = [live.sku("MUG"), backstage.metric("MUG")];
    const seen = [
      told(() => live.sku("BOWL").value),
      told(() => live.shelf.value),
      told(() => live.title.value),
      told(() => live.notice.value),
      told(() => live.connection.value),
      told(() => live.reservations.value),
      told(() => live.pending.value),
      told(() => backstage.alerts.value),
      told(() => backstage.cues.value),
    ];
    FakeSocket.last.say(
      stock(11, { MUG: 4 }),
      { type: "viewers", viewers: 2 },
      metric("BOWL", 1),
      snapshot({ MUG: 4, BOWL: 7 }, { seq: 11, title: "Mugs", spotlight: "MUG" }),
    );
    frame();
    expect(seen.map((values) => values.length)).toEqual(seen.map(() => 0));
    expect([backstage.alerts.value.length, backstage.cues.value.length, live.reservations.value.length]).toEqual([
      1, 1, 1,
    ]);
    expect(live.sku("MUG")).toBe(mug);
    expect(backstage.metric("MUG")).toBe(row);
    expect([mug.value?.available, row.value?.sold]).toEqual([4, 1]);
    // A connection that is lost is all that is told of: what is known of the room stays as it is.
    FakeSocket.last.drop();
    expect(seen.map((values) => values.length)).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0]);
  });

  test("a product that leaves the shelf is shown no more, and one that comes is", async () => {
    await enter();
    const plate = live.sku("PLATE");
    expect(plate.value).toBeUndefined();
    FakeSocket.last.say(snapshot({ BOWL: 7, PLATE: 3 }, { seq: 11 }));
    frame();
    expect([live.sku("MUG").value, plate.value?.available, live.shelf.value]).toEqual([
      undefined,
      3,
      ["BOWL", "PLATE"],
    ]);
  });

  test("of several banners within a frame none is lost", async () => {
    await enter();
    const banners = told(() => live.banners.value);
    FakeSocket.last.say(banner("MUG", "back_in_stock"), banner("BOWL", "last_n"));
    frame();
    expect(banners).toMatchObject([{ sku: "MUG" }, { sku: "BOWL" }]);
  });

  test("an alert stands until the server says that it is resolved", async () => {
    const backstage = await enterBackstage();
    FakeSocket.last.say(alert("MUG"));
    frame();
    expect(backstage.alerts.value).toMatchObject([{ sku: "MUG" }]);
    FakeSocket.last.say(stock(11, { MUG: 500 }));
    frame();
    expect(backstage.alerts.value).toHaveLength(1);
    FakeSocket.last.say({ ...alert("MUG"), state: "resolved" });
    frame();
    expect(backstage.alerts.value).toEqual([]);
  });
});

describe("a hidden page", () => {
  test("gets no frames, and draws once a second", async () => {
    await enter();
    page.hidden = true;
    const before = asked;
    const counts = told(() => live.sku("MUG").value?.available);
    FakeSocket.last.say(stock(11, { MUG: 4 }));
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.say(stock(12, { MUG: 3 }));
    expect([counts, asked - before]).toEqual([[], 0]);
    await vi.advanceTimersByTimeAsync(500);
    expect(counts).toEqual([3]);
  });

  test("draws too when it was hidden after it had asked for a frame", async () => {
    await enter();
    FakeSocket.last.say(stock(11, { MUG: 4 }));
    page.hidden = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(live.sku("MUG").value?.available).toBe(4);
    expect(frames.size).toBe(0);
  });
});

describe("a connection that is lost", () => {
  test("is told at once, with what had come before, and its age does not move", async () => {
    await enter();
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.say(stock(11, { MUG: 4 }));
    const heardAtMs = performance.now();
    await vi.advanceTimersByTimeAsync(250);
    FakeSocket.last.drop();
    expect(live.connection.value).toMatchObject({ current: false, oldSinceMs: heardAtMs, error: null });
    expect(live.sku("MUG").value?.available).toBe(4);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.opened.length).toBeGreaterThan(1);
    expect(live.connection.value.oldSinceMs).toBe(heardAtMs);
  });

  test("is back with the next snapshot", async () => {
    await enter();
    FakeSocket.last.drop();
    await vi.advanceTimersByTimeAsync(20_000);
    FakeSocket.last.accept().say(snapshot({ MUG: 2 }, { seq: 12 }));
    frame();
    expect(live.connection.value).toMatchObject({ current: true, oldSinceMs: null, retryAtMs: null });
    expect(live.sku("MUG").value?.available).toBe(2);
  });
});

describe("a page that asks for the room anew", () => {
  test("shows what was current as current, for as long as the next snapshot mostly takes", async () => {
    await enter();
    const connections = told(() => live.connection.value.current);
    live.resync();
    await vi.advanceTimersByTimeAsync(LOOK_KEPT_MS - 1);
    expect(live.connection.value).toMatchObject({ state: "connecting", current: true, oldSinceMs: null });
    FakeSocket.last.accept().say(snapshot({ MUG: 2 }, { seq: 12 }));
    frame();
    await vi.advanceTimersByTimeAsync(LOOK_KEPT_MS);
    expect(live.connection.value).toMatchObject({ state: "connected", current: true });
    expect([live.sku("MUG").value?.available, connections.every(Boolean)]).toEqual([2, true]);
  });

  test("says how old the counts are where that takes longer, and does not begin again with each reason to ask", async () => {
    await enter();
    await vi.advanceTimersByTimeAsync(20_000);
    const heardAtMs = live.room.heardAtMs;
    live.resync();
    await vi.advanceTimersByTimeAsync(LOOK_KEPT_MS - 1);
    live.resync();
    await vi.advanceTimersByTimeAsync(1);
    expect(live.connection.value).toMatchObject({ current: false, oldSinceMs: heardAtMs });
  });

  test("keeps nothing that was old before", async () => {
    await enter();
    FakeSocket.last.drop();
    live.resync();
    expect(live.connection.value).toMatchObject({ state: "connecting", current: false });
  });

  test("keeps nothing of a room that is closed, or whose stock book the server has lost sight of", async () => {
    await enter();
    live.resync();
    live.room.close();
    expect(live.connection.value).toMatchObject({ state: "closed", current: false });
  });
});

describe("a request", () => {
  test("that brings no sign of life is sent again, with its id, on another connection", async () => {
    await enter();
    const answer = live.answered(live.room.reserve("MUG", 1));
    const [wish] = FakeSocket.last.sent;
    await vi.advanceTimersByTimeAsync(SILENT_MS - 1);
    expect(FakeSocket.opened).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeSocket.opened).toHaveLength(2);
    FakeSocket.last.accept().say(snapshot({ MUG: 5 }, { seq: 12 }));
    expect(FakeSocket.last.sent).toEqual([{ ...wish, again: true }]);
    await vi.advanceTimersByTimeAsync(2 * SILENT_MS);
    expect(FakeSocket.opened, "once").toHaveLength(2);
    FakeSocket.last.say(reserved(wish?.id ?? ""));
    expect(await answer).toMatchObject({ type: "reserved" });
  });

  test("that waits while the room is heard waits on", async () => {
    await enter();
    const answer = live.answered(live.room.reserve("MUG", 1));
    await vi.advanceTimersByTimeAsync(1);
    FakeSocket.last.say({ type: "viewers", viewers: 100 });
    await vi.advanceTimersByTimeAsync(2 * SILENT_MS);
    expect(FakeSocket.opened).toHaveLength(1);
    live.room.close();
    expect(await answer).toMatchObject({ type: "unanswered" });
  });

  test("that is answered is forgotten", async () => {
    await enter();
    const answer = live.answered(live.room.reserve("MUG", 1));
    FakeSocket.last.say({
      type: "refused",
      id: FakeSocket.last.sent[0]?.id,
      code: "SOLD_OUT",
      message: "",
      retry: "no",
    });
    expect(await answer).toMatchObject({ code: "SOLD_OUT" });
    await vi.advanceTimersByTimeAsync(2 * SILENT_MS);
    expect(FakeSocket.opened).toHaveLength(1);
  });
});

test("a page that is done hears nothing any more", async () => {
  await enter();
  const counts = told(() => live.sku("MUG").value?.available);
  FakeSocket.last.say(stock(11, { MUG: 4 }));
  live.dispose();
  frame();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(counts).toEqual([]);
  expect(FakeSocket.last.closed).toMatchObject({ code: 1000 });
  expect(FakeSocket.opened).toHaveLength(1);
});
