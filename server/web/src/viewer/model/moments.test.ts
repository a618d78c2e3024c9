import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Moments } from "./moments";

const DAY_MS = 24 * 3_600_000;
/** The longest wait of a browser's timer: a longer one is over at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** How far the server's clock is before the device's, in ms. */
let ahead = 0;
let moments: Moments;
const now = () => Date.now() + ahead;

beforeEach(() => {
  vi.useFakeTimers();
  ahead = 0;
  moments = new Moments(now);
});
afterEach(() => {
  moments.dispose();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("a moment", () => {
  it.each([1, 20_000, 90_000, 3 * DAY_MS])("that is %d ms away comes then, and not before", (waitMs) => {
    const reached = moments.reached(now() + waitMs);
    vi.advanceTimersByTime(waitMs - 1);
    expect(reached.value).toBe(false);
    vi.advanceTimersByTime(1);
    expect(reached.value).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that is over has come", () => {
    expect([now(), now() - 1].map((atMs) => moments.reached(atMs).value)).toEqual([true, true]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("of which a part of a millisecond is left has not come", () => {
    ahead = 0.4;
    const reached = moments.reached(Date.now() + 5);
    vi.advanceTimersByTime(4);
    expect(reached.value).toBe(false);
    vi.advanceTimersByTime(1);
    expect(reached.value).toBe(true);
  });

  it("is waited for by the server's clock, also where its estimate gets better meanwhile", () => {
    const reached = moments.reached(now() + 90_000);
    vi.advanceTimersByTime(10_000);
    ahead = -5_000;
    vi.advanceTimersByTime(84_999);
    expect(reached.value).toBe(false);
    vi.advanceTimersByTime(1);
    expect(reached.value).toBe(true);
  });

  it.each([TIMER_MAX_MS + 1, 400 * DAY_MS, Number.MAX_SAFE_INTEGER])(
    "that is %d ms away is waited for in quiet",
    (waitMs) => {
      const setTimer = vi.spyOn(globalThis, "setTimeout");
      const reached = moments.reached(now() + waitMs);
      vi.advanceTimersByTime(10 * 60_000);
      expect(reached.value).toBe(false);
      expect(setTimer.mock.calls.length).toBeLessThan(50);
      for (const [, delayMs] of setTimer.mock.calls) expect(delayMs).toBeLessThanOrEqual(TIMER_MAX_MS);
    },
  );

  it("has one timer, however many ask for it", () => {
    const atMs = now() + 5_000;
    expect(moments.reached(atMs)).toBe(moments.reached(atMs));
    expect(vi.getTimerCount()).toBe(1);
  });

  it("is not waited for once nobody looks", () => {
    const reached = moments.reached(now() + 5_000);
    moments.dispose();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(5_000);
    expect(reached.value).toBe(false);
  });
});
