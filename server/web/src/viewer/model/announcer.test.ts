import { describe, expect, it } from "vitest";
import { Announcer, REPEAT_AFTER_MS, ROOM_GAP_MS, STALE_AFTER_MS } from "./announcer";

describe("what a screen reader is told of the room", () => {
  it("says the first thing at once, the next after a pause", () => {
    const announcer = new Announcer();
    announcer.offer("last 9 left", 0);
    expect(announcer.dueMs).toBe(0);
    expect(announcer.take(0)).toBe("last 9 left");
    expect(announcer.dueMs).toBeNull();
    announcer.offer("sold out", 100);
    expect(announcer.dueMs).toBe(ROOM_GAP_MS);
    expect(announcer.take(ROOM_GAP_MS - 0.4)).toBeNull();
    expect(announcer.dueMs).toBe(ROOM_GAP_MS);
    expect(announcer.take(ROOM_GAP_MS)).toBe("sold out");
  });

  it("of many things within a pause says one: the weightiest, then the newest", () => {
    const announcer = new Announcer();
    announcer.offer("first", 0);
    announcer.take(0);
    for (let count = 60; count > 0; count -= 1) announcer.offer(`last ${count} left`, ROOM_GAP_MS - count, 1);
    announcer.offer("on screen: mug", ROOM_GAP_MS - 1, 0);
    expect(announcer.take(ROOM_GAP_MS)).toBe("last 1 left");
    expect(announcer.take(2 * ROOM_GAP_MS)).toBeNull();
  });

  it("does not repeat itself within a minute", () => {
    const announcer = new Announcer();
    announcer.offer("sold out", 0);
    announcer.take(0);
    announcer.offer("sold out", 20_000);
    expect(announcer.take(20_000)).toBeNull();
    announcer.offer("sold out", REPEAT_AFTER_MS);
    expect(announcer.take(REPEAT_AFTER_MS)).toBe("sold out");
  });

  it("does not say what has become untrue while it waited", () => {
    const announcer = new Announcer();
    announcer.offer("sold out", 0);
    announcer.withdraw("on screen: mug");
    expect(announcer.dueMs).toBe(0);
    announcer.withdraw("sold out");
    expect(announcer.dueMs).toBeNull();
    expect(announcer.take(0)).toBeNull();
  });

  it("keeps silent about what is no news any more", () => {
    const announcer = new Announcer();
    announcer.offer("last 9 left", 0, 2);
    expect(announcer.take(STALE_AFTER_MS + 1)).toBeNull();
    announcer.offer("weighty and old", 20_000, 2);
    announcer.offer("light and new", 20_001 + STALE_AFTER_MS, 0);
    expect(announcer.take(20_001 + STALE_AFTER_MS)).toBe("light and new");
  });
});
