/** What a session makes of what it hears: silence, newer servers, wrong ones, and the server's clock. */

import { describe, expect, test } from "vitest";
import { ProtocolError } from "../src/errors.js";
import { Driver, snapshot, stock } from "./driver.js";

describe("silence", () => {
  const alive = { type: "alive", at_ms: 2_000, next_ms: 6_000 } as const;

  test("a connection that says nothing is given up, and its counts are old at once", () => {
    const driver = new Driver().connect().wait(74_999);
    expect([driver.hangups, driver.mirror.current]).toEqual([[], true]);
    driver.wait(1);
    expect(driver.hangups).toEqual([{ code: 4401, reason: "no sign of life" }]);
    expect([driver.mirror.current, driver.counts, driver.session.state]).toEqual([false, { MUG: 5 }, "disconnected"]);
    driver.waitToDial();
    driver.open().hear(snapshot({ MUG: 1 }, { seq: 12 }));
    expect([driver.mirror.current, driver.counts]).toEqual([true, { MUG: 1 }]);
  });

  test("an alive says how long silence may last, and is nothing to show", () => {
    const driver = new Driver().connect();
    const seen = driver.events.length;
    driver.hear(alive);
    expect(driver.events.length).toBe(seen);
    expect(driver.wait(8_999).hangups).toEqual([]);
    expect(driver.wait(1).hangups).toHaveLength(1);
  });

  test("whatever is heard is a sign of life", () => {
    const driver = new Driver().connect().hear(alive);
    for (let seq = 11; seq < 20; seq += 1) driver.wait(8_000).hear(stock(seq, { MUG: 4 }));
    driver.wait(8_000).hearFrame('{"type":"weather","rain":true}').wait(8_000);
    expect(driver.hangups).toEqual([]);
  });

  test("another connection may be silent again until its first alive", () => {
    const driver = new Driver().connect().hear(alive).lose();
    driver.waitToDial();
    expect(
      driver
        .open()
        .hear(snapshot({ MUG: 5 }))
        .wait(74_999).hangups,
    ).toEqual([]);
  });

  test.each([0, -5, 1e15])("a promise of %d ms is bounded", (next_ms) => {
    const driver = new Driver().connect().hear({ type: "alive", at_ms: 2_000, next_ms }).wait(1_499);
    expect(driver.hangups).toEqual([]);
    expect(driver.wait(900_000).hangups.length).toBeGreaterThanOrEqual(1);
  });

  test("the age of the counts is known from the last sign of life", () => {
    const driver = new Driver().connect().wait(3_000).hear(alive);
    const heardAtMs = driver.nowMs;
    driver.wait(2_000).lose().wait(100).waitToDial();
    driver.open().wait(50);
    expect(driver.session.heardAtMs).toBe(heardAtMs);
  });
});

describe("a device that says it is offline", () => {
  function offline(): Driver {
    const driver = new Driver().connect();
    return driver.do(driver.session.offline(driver.nowMs));
  }

  test("is believed at once", () => {
    const driver = offline();
    expect([driver.mirror.current, driver.session.state]).toEqual([false, "connected"]);
    expect(driver.of("change").at(-1)).toMatchObject({ room: true });
  });

  test("and what was still on its way does not say otherwise, but later frames do", () => {
    const driver = offline()
      .wait(500)
      .hear(stock(11, { MUG: 4 }));
    expect(driver.mirror.current).toBe(false);
    driver.wait(600).hear({ type: "alive", at_ms: 1, next_ms: 5_000 });
    expect([driver.mirror.current, driver.counts]).toEqual([true, { MUG: 4 }]);
  });

  test("gets another connection when it is back", () => {
    const driver = offline();
    driver.do(driver.session.online(driver.nowMs + 5));
    expect([driver.hangups.length, driver.session.state]).toEqual([1, "connecting"]);
  });

  test("does not make a server's own doubt good", () => {
    const driver = new Driver().connect();
    driver.hear({ type: "error", code: "UNAVAILABLE", message: "old", id: null, retry_after_ms: null });
    driver.do(driver.session.offline(driver.nowMs)).wait(2_000).hear({ type: "alive", at_ms: 1, next_ms: 5_000 });
    expect(driver.mirror.current).toBe(false);
  });

  test("nor does an alive make good what the server said while the device was offline", () => {
    const driver = offline().wait(100);
    driver.hear({ type: "error", code: "UNAVAILABLE", message: "old", id: null, retry_after_ms: null });
    driver.wait(2_000).hear({ type: "alive", at_ms: 1, next_ms: 5_000 });
    expect(driver.mirror.current).toBe(false);
  });
});

describe("a server that is newer, or wrong", () => {
  test("a message of an unknown type is passed over", () => {
    const driver = new Driver().connect();
    const seen = driver.events.length;
    driver.hearFrame('{"type":"weather","rain":true}').hearFrame('{"type":"constructor"}');
    expect([driver.events.length, driver.hangups]).toEqual([seen, []]);
  });

  test("unknown fields, levels and codes are kept as they are", () => {
    const driver = new Driver().connect().reserve();
    driver.hearFrame('{"type":"stock","seq":11,"at_ms":1,"rows":[["MUG",3,0,"teetering","new"]],"new":1}');
    expect(driver.mirror.stock.get("MUG")).toMatchObject({ available: 3, level: "teetering" });
    driver.hearFrame('{"type":"refused","id":"r1","code":"MOONSTRUCK","message":"m","retry":"never"}');
    expect(driver.settled.r1).toMatchObject({ code: "MOONSTRUCK", available: null });
  });

  test.each([
    "",
    "{",
    "null",
    "[]",
    '{"type":7}',
    '{"type":"stock","seq":"11","at_ms":1,"rows":[]}',
    '{"type":"stock","seq":1.5,"at_ms":1,"rows":[]}',
    '{"type":"stock","seq":11,"at_ms":1,"rows":[["MUG",true,0,"ok"]]}',
    '{"type":"stock","seq":11,"at_ms":1,"rows":[["MUG",3]]}',
    '{"type":"snapshot","skus":[null]}',
    '{"type":"viewers"}',
    '{"type":"viewers","viewers":9007199254740993}',
    "[".repeat(100_000),
    new ArrayBuffer(4),
  ])("an unreadable frame ends the connection, and a new snapshot mends it: %j", (frame) => {
    const driver = new Driver().connect().hearFrame(frame);
    expect(driver.hangups.map((each) => each.code)).toEqual([4400]);
    expect(new TextEncoder().encode(driver.hangups[0]?.reason).length).toBeLessThanOrEqual(123);
    driver.hear(stock(12, { MUG: 1 }));
    expect(driver.counts, "nothing after it is believed").toEqual({ MUG: 5 });
    driver.waitToDial();
    driver.open().hear(snapshot({ MUG: 1 }, { seq: 12 }));
    expect(driver.counts).toEqual({ MUG: 1 });
  });

  test("a server that only sends garbage is given up", () => {
    const driver = new Driver().start();
    for (let time = 0; time < 3; time += 1) {
      driver.open().hearFrame("{");
      if (driver.session.state === "disconnected") driver.waitToDial();
    }
    expect(driver.session.state).toBe("closed");
    expect(driver.session.error).toBeInstanceOf(ProtocolError);
  });
});

describe("the server's clock", () => {
  const T = 1_700_000_000_000;
  const clock = (driver: Driver) => driver.session.clock.nowMs(driver.nowMs);

  test("is not known before the first stamp", () => {
    expect(clock(new Driver().start().open())).toBeNull();
  });

  test("is the freshest stamp carried on", () => {
    const driver = new Driver().connect(snapshot({ MUG: 5 }, { at_ms: T })).wait(10_000);
    expect(clock(driver)).toBe(T + 10_000);
    driver.hear(stock(11, { MUG: 4 }, T + 9_000));
    expect(clock(driver), "a stamp that waited says nothing new").toBe(T + 10_000);
    driver.hear({ type: "alive", at_ms: T + 10_040, next_ms: 30_000 });
    expect(clock(driver)).toBe(T + 10_040);
  });

  test("may be another in another epoch", () => {
    const driver = new Driver().connect(snapshot({ MUG: 5 }, { at_ms: T }));
    driver.hear(snapshot({ MUG: 5 }, { epoch: 2, at_ms: T - 10_000 }));
    expect(clock(driver)).toBe(T - 10_000);
  });

  test("is followed where it drifts", () => {
    const driver = new Driver().connect(snapshot({ MUG: 5 }, { at_ms: T }));
    for (let minute = 1; minute <= 60; minute += 1) {
      // The server's clock runs 0.1 % slow against ours.
      driver.wait(60_000).hear(stock(10 + minute, { MUG: 5 }, T + minute * 59_940));
    }
    const ahead = (clock(driver) ?? 0) - (T + 60 * 59_940);
    expect(ahead, "at most two windows of ten minutes behind").toBeGreaterThanOrEqual(0);
    expect(ahead).toBeLessThanOrEqual(1_300);
  });
});
