import { describe, expect, test } from "vitest";
import { POINTS_MAX, SLOT_MS, TREND_MS, Trend, Trends } from "./trend";

describe("a product's trend", () => {
  test("is a step at each change, drawn on until now", () => {
    const trend = new Trend();
    trend.add(0, 40);
    trend.add(10_000, 40);
    trend.add(20_000, 37);
    expect(trend.points(30_000)).toEqual([
      [0, 20, 30],
      [40, 37, 37],
    ]);
  });

  test("merges the changes of one slot", () => {
    const trend = new Trend();
    trend.add(0, 40);
    trend.add(SLOT_MS, 39);
    trend.add(SLOT_MS + 100, 38);
    trend.add(SLOT_MS * 2 - 1, 36);
    trend.add(SLOT_MS * 2, 35);
    expect(trend.points(SLOT_MS * 2)[1]).toEqual([40, 36, 35]);
  });

  test("says whether there is anything new to draw", () => {
    const trend = new Trend();
    trend.add(0, 40);
    const first = trend.revision;
    trend.add(1_000, 40);
    expect(trend.revision).toBe(first);
    trend.add(2_000, 39);
    const merged = trend.revision;
    expect(merged).not.toBe(first);
    trend.add(SLOT_MS * 3, null);
    expect(trend.revision).not.toBe(merged);
  });

  test("has a gap where the counts were not live", () => {
    const trend = new Trend();
    trend.add(0, 40);
    trend.add(60_000, null);
    trend.add(61_000, 30);
    expect(trend.points(70_000)).toEqual([
      [0, 60, 60.001, 61, 70],
      [40, 40, null, 30, 30],
    ]);
  });

  test("keeps the line up to where it broke off, also that of a product that nobody bought", () => {
    const trend = new Trend();
    trend.add(0, 40);
    trend.add(60_000, null);
    expect(trend.points(90_000)).toEqual([
      [0, 60, 60.001, 90],
      [40, 40, null, null],
    ]);
  });

  test("begins with a count, not with a gap", () => {
    const trend = new Trend();
    trend.add(0, null);
    expect(trend.points(1_000)).toEqual([[], []]);
  });

  test("forgets what is older than its time, but for where the line comes from", () => {
    const trend = new Trend();
    trend.add(0, 40);
    trend.add(10_000, 39);
    trend.add(20_000, 38);
    const [times, left] = trend.points(TREND_MS + 15_000);
    expect(times).toEqual([10, 20, (TREND_MS + 15_000) / 1000]);
    expect(left).toEqual([39, 38, 38]);
  });

  test("never has more points than its bound, whatever comes", () => {
    const trend = new Trend();
    for (let ms = 0; ms < 4 * TREND_MS; ms += 500) trend.add(ms, ms % 7_000 === 0 ? null : ms);
    expect(trend.size).toBeLessThanOrEqual(POINTS_MAX);
  });

  test("is not troubled by a clock that is set back", () => {
    const trend = new Trend();
    trend.add(60_000, 40);
    trend.add(30_000, 39);
    trend.add(70_000, 38);
    const [times] = trend.points(70_000);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

describe("the trends of a shelf", () => {
  const room = (counts: Record<string, number>, nowMs = 0, ageMs = 0) => ({
    current: true,
    serverNowMs: () => nowMs,
    ageMs: () => ageMs,
    stock: new Map(Object.entries(counts).map(([sku, available]) => [sku, { sku, available }])) as never,
  });

  test("follow what is on it, and forget what left it", () => {
    const trends = new Trends();
    trends.noteAll(room({ A: 4, B: 9 }));
    trends.note(room({ A: 3, B: 9 }, 60_000), ["A"]);
    expect(trends.of("A")?.points(60_000)[1]).toEqual([4, 3]);
    trends.noteAll(room({ B: 9 }, 61_000));
    expect(trends.of("A")).toBeUndefined();
    expect(trends.size).toBe(1);
  });

  test("break off together where the server was last heard", () => {
    const trends = new Trends();
    trends.noteAll(room({ A: 4, B: 9 }));
    trends.lost(room({}, 14_000, 9_000));
    expect(trends.of("B")?.points(15_000)).toEqual([
      [0, 5, 5.001, 15],
      [9, 9, null, null],
    ]);
  });
});
