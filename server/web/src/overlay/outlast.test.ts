import { signal } from "@preact/signals";
import { expect, test, vi } from "vitest";
import { outlast } from "./outlast";

const OPENING = { current: false, oldSinceMs: null, error: null };
const CURRENT = { current: true, oldSinceMs: null, error: null };
const EXPIRED = { name: "ClosedByServer", message: "the token has expired", code: 4500 };
const REFUSED = { name: "Rejected", message: "no token", status: 401 };
const ENDED = { name: "ClosedByServer", message: "the room is gone", code: 4503 };

const closed = (error: object, oldSinceMs: number | null = 1_000) => ({ current: false, oldSinceMs, error });

function opened() {
  const fake = () => ({ connection: signal<object>(OPENING), dispose: vi.fn() });
  const first = fake();
  const second = fake();
  const open = vi.fn(() => second);
  const tell = vi.fn();
  const rooms = outlast(first as never, open as never, tell);
  return { first, second, open, tell, rooms };
}

test.each([EXPIRED, REFUSED])("a room whose link is good no longer is opened again without it: %o", async (error) => {
  const { first, second, open, tell, rooms } = opened();
  first.connection.value = CURRENT;
  expect(open).not.toHaveBeenCalled();
  first.connection.value = closed(error);
  expect(tell).toHaveBeenCalledExactlyOnceWith(error);
  expect(open).toHaveBeenCalledOnce();
  // What stands in the picture ages there until the other is true.
  expect(rooms.shown.value).toBe(first);
  expect(rooms.latest()).toBe(second);
  second.connection.value = CURRENT;
  expect(rooms.shown.value).toBe(second);
  expect(first.dispose).toHaveBeenCalledOnce();
  await Promise.resolve();
  second.connection.value = closed(ENDED);
  expect(tell).toHaveBeenLastCalledWith(ENDED);
  expect(open).toHaveBeenCalledOnce();
});

test("where the room takes nobody without a link, the reason is told once", () => {
  const { first, second, tell, rooms } = opened();
  first.connection.value = CURRENT;
  first.connection.value = closed(EXPIRED);
  second.connection.value = closed(REFUSED, null);
  expect(tell).toHaveBeenCalledExactlyOnceWith(EXPIRED);
  expect(rooms.shown.value).toBe(first);
});

test("a link that never was good, and a room that is gone, are told and not tried again", () => {
  for (const state of [closed(REFUSED, null), closed(ENDED)]) {
    const { first, open, tell } = opened();
    first.connection.value = state;
    expect(tell).toHaveBeenCalledOnce();
    expect(open).not.toHaveBeenCalled();
  }
});
