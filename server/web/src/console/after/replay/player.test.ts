import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Answer } from "../../api/client";
import type { MinuteState, ShowAt } from "../../api/schema";
import { Player } from "./player";

const MINUTES = 40;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const state = (minute: number) => ({ minute, units: [], terms: [], gone: [], alerts: [] }) as unknown as MinuteState;

function played(): { player: Player; asked: number[]; fail: (status: number | null) => void } {
  const asked: number[] = [];
  let failing: number | null = null;
  const read = async (minute: number, minutes: number): Promise<Answer<ShowAt>> => {
    asked.push(minute);
    if (failing !== null) return { ok: false, status: failing, problem: {}, again: false };
    const last = Math.min(MINUTES, minute + minutes);
    const changes = Array.from({ length: last - minute - 1 }, (_, at) => state(minute + at + 1));
    const value = { state: state(minute), changes, minutes: MINUTES, is_full: false } as unknown as ShowAt;
    return { ok: true, value, action: "", etag: "" };
  };
  const fail = (status: number | null) => {
    failing = status;
  };
  return { player: new Player(read), asked, fail };
}

it("reads the quarter of an hour of a minute, and the next one ahead", async () => {
  const { player, asked } = played();
  player.seek(0);
  await vi.advanceTimersByTimeAsync(0);
  expect(player.minutes.value).toBe(MINUTES);
  expect(player.shown.value?.minute).toBe(0);
  player.seek(16);
  await vi.advanceTimersByTimeAsync(0);
  expect(player.shown.value?.minute).toBe(16);
  expect(asked).toEqual([0, 15, 30]);
});

it("plays as fast as it is told, to the end, and then from the beginning", async () => {
  const { player } = played();
  player.seek(0);
  await vi.advanceTimersByTimeAsync(0);
  player.play();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(player.shown.value?.minute).toBe(2);
  player.setSpeed(10);
  await vi.advanceTimersByTimeAsync(5_999);
  expect(player.shown.value?.minute).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(player.shown.value?.minute).toBe(3);
  player.seek(MINUTES + 5);
  expect(player.minute.value).toBe(MINUTES - 1);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(player.playing.value).toBe(false);
  player.play();
  expect(player.minute.value).toBe(0);
  player.close();
});

it("stops where a minute cannot be read, and goes on when it is asked again", async () => {
  const { player, fail } = played();
  fail(503);
  player.seek(0);
  await vi.advanceTimersByTimeAsync(0);
  expect([player.trouble.value, player.shown.value]).toEqual([503, null]);
  fail(null);
  player.again();
  await vi.advanceTimersByTimeAsync(0);
  expect([player.trouble.value, player.shown.value?.minute]).toEqual([null, 0]);
});
