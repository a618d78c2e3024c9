/** Rooms over a fake socket and a fake clock, all closed with the test. A file that imports this gets the clock. */

import { afterEach, beforeEach, expect, vi } from "vitest";
import type { ConnectOptions, Room } from "../src/index.js";
import { connect } from "../src/index.js";
import { snapshot } from "./driver.js";
import { FakeSocket } from "./fake_socket.js";

export const TOKEN = token("wang");
let rooms: Room[] = [];
/** The device's network: `online` and `offline` happen to it. */
export let network: EventTarget;

/** Shaped as the server's tokens; nobody checks it here. */
export function token(user: string): string {
  return `e30.${Buffer.from(JSON.stringify({ sub: user })).toString("base64url")}.c2ln`;
}

export function enter(options: Partial<ConnectOptions> = {}): Room {
  const all = { url: "https://shop.example/live/", room: "show", token: TOKEN, storage: null, WebSocket: FakeSocket };
  const room = connect({ ...all, ...options });
  rooms.push(room);
  return room;
}

/** Let what is ready happen, and time pass. */
export async function pass(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

export async function entered(options: Partial<ConnectOptions> = {}): Promise<Room> {
  const room = enter(options);
  await pass();
  FakeSocket.last.accept().say(snapshot({ MUG: 5 }));
  return room;
}

/** The server's answer to the question why a handshake failed. */
export function answering(status: number, problem: object | null = null, headers: Record<string, string> = {}) {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) => {
    if (status === 0) throw new TypeError("Failed to fetch");
    return new Response(problem && JSON.stringify(problem), { status, headers });
  });
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  FakeSocket.opened = [];
  rooms = [];
  network = new EventTarget();
  vi.stubGlobal("addEventListener", network.addEventListener.bind(network));
  answering(0);
});

afterEach(() => {
  for (const room of rooms) room.close();
  expect(vi.getTimerCount(), "a closed room leaves no timer").toBe(0);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});
