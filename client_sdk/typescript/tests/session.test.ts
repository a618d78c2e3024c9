/** The session without sockets: states, reconnecting, and what becomes of requests. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ClosedByServer, Rejected } from "../src/errors.js";
import type { State } from "../src/events.js";
import type { ClientMessage } from "../src/messages.js";
import { TRANSITIONS } from "../src/transitions.js";
import { Driver, refused, reserved, snapshot } from "./driver.js";

describe("states", () => {
  test("it connects at once and says each state", () => {
    const driver = new Driver().connect();
    expect(driver.dials).toBe(1);
    expect(driver.of("state").map((change) => change.state)).toEqual(["connecting", "connected"]);
  });

  test("every state but closed can be closed, and closed stays closed", () => {
    const { closed, ...others } = TRANSITIONS;
    expect(Object.values(others).map((row) => row.close)).toEqual(["closed", "closed", "closed"]);
    expect(closed).toEqual({});
  });

  test.each<[string, (driver: Driver) => void]>([
    ["opened", (driver) => driver.open()],
    ["failed", (driver) => driver.fail()],
    ["refused", (driver) => driver.reject(new Rejected(401, "", "no"))],
    ["lost", (driver) => driver.lose(1006)],
    ["dismissed", (driver) => driver.lose(4500)],
    ["online", (driver) => driver.do(driver.session.online(driver.nowMs))],
    ["offline", (driver) => driver.do(driver.session.offline(driver.nowMs))],
    ["reconnect", (driver) => driver.do(driver.session.reconnect(driver.nowMs))],
    ["garbage", (driver) => driver.hearFrame("{")],
    ["closed again", (driver) => driver.close()],
  ])("%s after closing is ignored", (_, happen) => {
    const driver = new Driver().connect().close();
    const seen = driver.events.length;
    happen(driver);
    expect(driver.session.state).toBe("closed");
    expect(driver.session.error).toBeNull();
    expect(driver.events.length).toBe(seen);
    expect(driver.session.wakeAt()).toBe(Infinity);
  });

  test("what cannot happen in a state is a defect of the caller", () => {
    expect(() => new Driver().open()).toThrow("opened cannot happen while disconnected");
    expect(() => new Driver().connect().fail()).toThrow("failed cannot happen while connected");
  });

  const HAPPENINGS: Record<string, (driver: Driver) => void> = {
    open: (driver) => driver.open(),
    fail: (driver) => driver.fail(),
    failForAWhile: (driver) => driver.fail(3_000),
    lose: (driver) => driver.lose(),
    dismiss: (driver) => driver.lose(4501),
    reject: (driver) => driver.reject(new Rejected(403, "", "no")),
    hear: (driver) => driver.hear(snapshot({ MUG: 5 })),
    alive: (driver) => driver.hear({ type: "alive", at_ms: 1, next_ms: 4_000 }),
    garble: (driver) => driver.hearFrame("["),
    slowDown: (driver) =>
      driver.hear({ type: "error", code: "RATE_LIMITED", message: "slow", id: null, retry_after_ms: null }),
    overloaded: (driver) => {
      for (const id of driver.session.pending.keys()) driver.hear(refused("OVERLOADED", id));
    },
    online: (driver) => driver.do(driver.session.online(driver.nowMs)),
    offline: (driver) => driver.do(driver.session.offline(driver.nowMs)),
    reconnect: (driver) => driver.do(driver.session.reconnect(driver.nowMs)),
    waitALittle: (driver) => driver.wait(300),
    waitLong: (driver) => driver.wait(30_000),
    reserve: (driver) => driver.reserve(`r${driver.events.length}`, 1, 5_000),
    waitFor: (driver) => driver.waitFor(`w${driver.events.length}`, 1, 5_000),
    restore: (driver) =>
      driver.do(
        driver.session.restore([{ kind: "reserve", id: `o${driver.events.length}`, sku: "MUG", qty: 1 }], driver.nowMs),
      ),
    close: (driver) => driver.close(),
  };

  test("whatever happens, each state is the table's and nothing spins", () => {
    const happenings = fc.array(fc.constantFrom(...Object.keys(HAPPENINGS)), { maxLength: 30 });
    fc.assert(
      fc.property(happenings, (names) => {
        const driver = new Driver({ unansweredMax: 4, messagesASecond: 2, messagesBurst: 2 }).start().open();
        for (const name of names) {
          const seen = driver.events.length;
          let before: State = driver.session.state;
          try {
            HAPPENINGS[name]?.(driver);
          } catch {
            expect(driver.session.state).toBe(before);
          }
          for (const event of driver.events.slice(seen)) {
            if (event.type !== "state") continue;
            expect(Object.values(TRANSITIONS[before])).toContain(event.state);
            before = event.state;
          }
          expect(driver.session.state).toBe(before);
          if (before !== "connected") expect(driver.mirror.current).toBe(false);
          expect(driver.session.pending.size).toBeLessThanOrEqual(4);
          // A session that wants to be woken at a time that has passed would be woken for ever.
          driver.wait(0);
          expect(driver.session.wakeAt()).toBeGreaterThan(driver.nowMs);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("reconnecting", () => {
  test.each([1000, 1001, 1006, 1011, 4000, 4001, 4002, 4003, 4499])("close code %i reconnects", (code) => {
    const driver = new Driver().connect().lose(code);
    expect(driver.session.state).toBe("disconnected");
    driver.waitToDial();
    expect(driver.session.state).toBe("connecting");
  });

  test.each([1002, 1003, 1008, 1009, 4500, 4501, 4502, 4503, 4999])("close code %i is final", (code) => {
    const { session } = new Driver().connect().lose(code, "token expired");
    expect(session.state).toBe("closed");
    expect(session.error).toEqual(new ClosedByServer(code, "token expired"));
    expect(session.error?.message).toContain("token expired");
    expect(session.wakeAt()).toBe(Infinity);
  });

  test("back-off is drawn from a ceiling that doubles from half a second to twenty", () => {
    const longest = new Array(9).fill(0);
    for (let seed = 0; seed < 200; seed += 1) {
      const driver = new Driver({}, seed).start();
      for (let attempt = 0; attempt < 9; attempt += 1) {
        longest[attempt] = Math.max(longest[attempt], driver.fail().waitToDial());
      }
    }
    for (const [attempt, ceiling] of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000].entries()) {
      expect(longest[attempt]).toBeGreaterThan(ceiling * 0.9);
      expect(longest[attempt]).toBeLessThanOrEqual(ceiling);
    }
  });

  test("a server that accepts and drops is not hammered, but a lasting connection starts anew", () => {
    const driver = new Driver({}, 3).start();
    for (let time = 0; time < 8; time += 1)
      driver
        .open()
        .hear(snapshot({ MUG: 5 }))
        .lose()
        .waitToDial();
    const waits = [];
    for (let time = 0; time < 20; time += 1) {
      waits.push(
        driver
          .open()
          .hear(snapshot({ MUG: 5 }))
          .wait(60_000)
          .lose()
          .waitToDial(),
      );
    }
    expect(waits[0]).toBeLessThanOrEqual(500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(500);
  });

  test("what the server asks for is the least wait", () => {
    const driver = new Driver().start();
    expect(driver.fail(7_000).waitToDial()).toBeGreaterThanOrEqual(7_000);
    driver
      .open()
      .hear(snapshot({ MUG: 5 }), { type: "draining", reconnect_after_ms: 3_000 })
      .lose(4000, "draining");
    const waited = driver.waitToDial();
    expect(waited).toBeGreaterThanOrEqual(3_000);
    expect(waited).toBeLessThanOrEqual(4_000);
    // The last server's draining says nothing of the next one.
    expect(driver.open().wait(10_000).lose().waitToDial()).toBeLessThanOrEqual(500);
  });

  test("the wait is told", () => {
    const driver = new Driver().connect().lose(4000, "draining");
    const { state, reason, retryInMs } = driver.lastState;
    expect(state).toBe("disconnected");
    expect(reason).toContain("draining");
    expect(driver.waitToDial()).toBeCloseTo(retryInMs ?? -1);
  });

  test("a handshake that takes too long is given up", () => {
    const driver = new Driver().start().wait(9_999);
    expect(driver.session.state).toBe("connecting");
    driver.wait(1);
    expect(driver.hangups).toHaveLength(1);
    expect(driver.session.state).toBe("disconnected");
  });

  test("the owner can have another connection at once, also instead of a wait", () => {
    const driver = new Driver().connect();
    driver.do(driver.session.reconnect(driver.nowMs));
    expect(driver.hangups.map((each) => each.code)).toEqual([1000]);
    expect(driver.mirror.current).toBe(false);
    driver.do(driver.session.reconnect(driver.nowMs));
    expect([driver.dials, driver.session.state]).toEqual([2, "connecting"]);
    driver.fail(60_000);
    driver.do(driver.session.reconnect(driver.nowMs));
    expect(driver.dials).toBe(3);
  });

  test("a network that comes back is used at once", () => {
    const driver = new Driver().connect().lose();
    driver.do(driver.session.online(driver.nowMs));
    expect(driver.session.state).toBe("connecting");
    driver.open().hear(snapshot({ MUG: 5 }));
    driver.do(driver.session.online(driver.nowMs));
    expect(driver.session.state, "a connection that nobody doubts stays").toBe("connected");
  });
});

describe("requests", () => {
  test("a reservation is answered", () => {
    const driver = new Driver().connect().reserve("r1", 2);
    expect(driver.sent).toEqual([{ type: "reserve", id: "r1", sku: "MUG", qty: 2, again: false }]);
    expect([...driver.session.pending.keys()]).toEqual(["r1"]);
    driver.hear(reserved("r1", 2));
    expect(driver.settled.r1).toEqual(reserved("r1", 2));
    expect(driver.mirror.reservations.get("r1")?.qty).toBe(2);
    expect(driver.of("settled")).toEqual([
      { type: "settled", kind: "reserve", id: "r1", sku: "MUG", qty: 2, result: reserved("r1", 2) },
    ]);
    expect(driver.session.pending.size).toBe(0);
  });

  test("a refusal is a value and is not asked again", () => {
    const driver = new Driver().connect().reserve().hear(refused("SOLD_OUT", "r1")).wait(60_000);
    expect(driver.settled.r1).toMatchObject({ type: "refused", code: "SOLD_OUT", retry: "later" });
    expect(driver.sent).toHaveLength(1);
  });

  test("a reservation made while disconnected waits for the connection", () => {
    const driver = new Driver().start().reserve();
    expect(driver.sent).toEqual([]);
    expect(driver.open().sent).toMatchObject([{ id: "r1", again: false }]);
  });

  test("unanswered requests are sent again with their ids, in order, and say so", () => {
    const driver = new Driver().connect();
    for (const id of ["r0", "r1", "r2", "r3"]) driver.reserve(id);
    driver.request({ type: "cue", id: "c1", text: "the last thirty", sku: null });
    driver.hear(reserved("r2")).lose().waitToDial();
    driver.sent = [];
    driver.open();
    expect(driver.sentIds).toEqual(["r0", "r1", "r3", "c1"]);
    expect(driver.sent.slice(0, 3).every((message) => message.type === "reserve" && message.again)).toBe(true);
    driver.hear(snapshot({ MUG: 5 }), reserved("r0"));
    expect(driver.settled.r0?.type).toBe("reserved");
  });

  test.each(["RATE_LIMITED", "OVERLOADED", "UNAVAILABLE"])("%s is tried again after the time given", (code) => {
    const driver = new Driver()
      .connect()
      .reserve()
      .hear(refused(code, "r1", 1_500))
      .wait(1_499);
    expect(driver.sent).toHaveLength(1);
    driver.wait(1_000);
    expect(driver.sent).toMatchObject([
      { id: "r1", again: false },
      { id: "r1", again: true },
    ]);
    expect(driver.settled).toEqual({});
    expect(driver.hear(reserved("r1")).settled.r1?.type).toBe("reserved");
  });

  test("trying again ends at its bound and returns the refusal", () => {
    const driver = new Driver({ sameIdAttemptsMax: 3 }).connect().reserve("r1", 1, 600_000);
    for (let time = 0; time < 3; time += 1) driver.hear(refused("OVERLOADED", "r1")).wait(30_000);
    expect(driver.sent).toHaveLength(3);
    expect(driver.settled.r1).toMatchObject({ type: "refused", code: "OVERLOADED" });
  });

  test("trying again does not outlast the timeout", () => {
    const driver = new Driver()
      .connect()
      .reserve("r1", 1, 2_000)
      .hear(refused("UNAVAILABLE", "r1", 5_000));
    expect(driver.settled.r1?.type).toBe("refused");
  });

  test("a disconnection after a refusal returns the refusal in time", () => {
    const driver = new Driver()
      .connect()
      .reserve("r1", 1, 2_000)
      .hear(refused("UNAVAILABLE", "r1", 100))
      .lose();
    expect(driver.wait(3_000).settled.r1?.type).toBe("refused");
  });

  test("a refusal says nothing of the attempt after it, which may have been granted", () => {
    const driver = new Driver()
      .connect()
      .reserve("r1", 1, 9_000)
      .hear(refused("OVERLOADED", "r1", 100));
    expect(driver.wait(3_000).sent).toHaveLength(2);
    expect(driver.lose().wait(9_000).settled.r1?.type).toBe("unanswered");
  });

  test("no answer in time is a value too, and the same id can be asked again", () => {
    const driver = new Driver().connect().reserve("r1", 1, 5_000).wait(5_000);
    expect(driver.settled.r1).toMatchObject({ type: "unanswered", id: "r1" });
    driver.reserve("r1").hear(reserved("r1"));
    expect(driver.settled.r1?.type).toBe("reserved");
  });

  test("an answer nobody waits for any more still shows in the room", () => {
    const driver = new Driver().connect().reserve("r1", 1, 5_000).wait(5_000).hear(reserved("r1"));
    expect(driver.mirror.reservations.has("r1")).toBe(true);
    expect(driver.of("reserved")).toHaveLength(1);
  });

  test("an error with the id refuses the request", () => {
    const error = { type: "error", code: "FORBIDDEN", message: "viewers may not", id: "r1", retry_after_ms: null };
    const driver = new Driver()
      .connect()
      .reserve()
      .hear(error as never);
    expect(driver.settled.r1).toMatchObject({ type: "refused", retry: "never", message: "viewers may not" });
  });

  test("being told to slow down without an id sends everything unanswered again later", () => {
    const driver = new Driver().connect().reserve("r1").reserve("r2");
    driver.hear({ type: "error", code: "RATE_LIMITED", message: "slow down", id: null, retry_after_ms: 1_000 });
    expect(driver.wait(999).sent).toHaveLength(2);
    expect(driver.wait(2_000).sentIds.sort()).toEqual(["r1", "r1", "r2", "r2"]);
  });

  test("a crowd of requests is sent at the server's pace", () => {
    const driver = new Driver({ messagesASecond: 10, messagesBurst: 4 }).connect();
    const ids = Array.from({ length: 20 }, (_, number) => `r${number}`);
    for (const id of ids) driver.reserve(id);
    expect(driver.sent).toHaveLength(4);
    driver.wait(1_000);
    expect(driver.sent.length).toBeGreaterThanOrEqual(12);
    expect(driver.sent.length).toBeLessThanOrEqual(14);
    expect(driver.wait(1_000).sentIds).toEqual(ids);
  });

  test("a reservation asked for again may be paid by now", () => {
    const driver = new Driver().connect().reserve().lose();
    driver.waitToDial();
    driver.open().hear(snapshot({ MUG: 5 }), { type: "confirmed", id: "r1", sku: "MUG", qty: 1, seq: 12 });
    expect(driver.settled.r1?.type).toBe("confirmed");
  });

  test("cancel, ask and the operator's requests are answered by their own messages alone", () => {
    const driver = new Driver().connect();
    driver.request({ type: "cancel", id: "r1" }).request({ type: "ask", id: "a1", sku: "MUG" });
    driver
      .request({ type: "cue", id: "o1", text: "now", sku: null })
      .request({ type: "acknowledge", id: "o2", cue: "o1" });
    driver.hear({ type: "expired", id: "r1", sku: "MUG", qty: 1, seq: 12 });
    driver.hear({ type: "cue", id: "o1", text: "now", sku: null, at_ms: 1 });
    expect(driver.settled).toEqual({});
    driver.hear({ type: "cancelled", id: "r1", sku: "MUG", qty: 1, seq: 12 });
    driver.hear({ type: "answer", id: "a1", sku: "MUG", text: "last 5 left", left: 5, level: "last" });
    driver.hear({ type: "done", id: "o1" }, { type: "done", id: "o2" });
    const types = Object.fromEntries(Object.entries(driver.settled).map(([id, result]) => [id, result.type]));
    expect(types).toEqual({ r1: "cancelled", a1: "answer", o1: "done", o2: "done" });
  });

  test("closing leaves requests unanswered, and later ones are an error", () => {
    const driver = new Driver().connect().reserve().close();
    expect(driver.settled.r1?.type).toBe("unanswered");
    expect(driver.hangups.map((each) => each.code)).toEqual([1000]);
    expect(() => driver.reserve("r2")).toThrow("the room is closed");
  });

  test("requests after the server ended it throw its reason", () => {
    const driver = new Driver().connect().lose(4503, "the room is gone");
    expect(() => driver.reserve()).toThrow("the room is gone");
  });
});

describe("what a page before this one left", () => {
  const left = [
    { kind: "reserve", id: "r1", sku: "MUG", qty: 2 },
    { kind: "reserve", id: "r2", sku: "MUG", qty: 1 },
  ] as const;

  test("is pending at once, sent as asked before, and settles", () => {
    const driver = new Driver();
    driver.do(driver.session.restore(left, driver.nowMs));
    expect([...driver.session.pending.values()]).toEqual(left);
    driver.connect();
    expect(driver.sent).toEqual(left.map(({ kind, ...each }) => ({ type: kind, ...each, again: true })));
    driver.hear(reserved("r1", 2), refused("SOLD_OUT", "r2"));
    expect(driver.of("settled").map((each) => [each.id, each.qty, each.result.type])).toEqual([
      ["r1", 2, "reserved"],
      ["r2", 1, "refused"],
    ]);
    expect(driver.kept).toEqual([]);
  });

  test("is not taken where it is broken, doubled or too much", () => {
    const driver = new Driver({ unansweredMax: 2 });
    const broken = [
      null,
      7,
      {},
      { id: "a b", sku: "MUG", qty: 1 },
      { id: "r0", sku: "", qty: 1 },
      { id: "r0", sku: "MUG", qty: 0 },
    ];
    driver.do(
      driver.session.restore([...broken, ...left, ...left, { id: "r3", sku: "MUG", qty: 1 }] as never, driver.nowMs),
    );
    expect([...driver.session.pending.values()]).toEqual(left);
    expect(driver.kept).toEqual(left);
  });

  test("every change of what is pending is kept, but not what closing leaves open", () => {
    const driver = new Driver().connect().reserve("r1").reserve("r2");
    expect(driver.kept?.map((each) => each.id)).toEqual(["r1", "r2"]);
    driver.hear(reserved("r1"));
    expect(driver.kept?.map((each) => each.id)).toEqual(["r2"]);
    driver.close();
    expect(driver.settled.r2?.type).toBe("unanswered");
    expect(driver.kept?.map((each) => each.id)).toEqual(["r2"]);
  });

  test("is told as unanswered when time runs out, and then forgotten", () => {
    const driver = new Driver();
    driver.do(driver.session.restore(left, driver.nowMs));
    driver.wait(20_000);
    expect(driver.of("settled").map((each) => each.result.type)).toEqual(["unanswered", "unanswered"]);
    expect(driver.kept).toEqual([]);
  });

  test("is given up when another user comes", () => {
    const driver = new Driver().connect().reserve();
    driver.do(driver.session.abandon("another user"));
    expect(driver.settled.r1).toEqual({ type: "unanswered", id: "r1", reason: "another user" });
  });
});

describe("bad use", () => {
  const RESERVE = { type: "reserve", id: "r1", sku: "MUG", qty: 1, again: false } as const;

  test.each<[object, string]>([
    [{ ...RESERVE, id: "" }, "id: expected 1 to 64"],
    [{ ...RESERVE, id: "a b" }, "id: expected"],
    [{ ...RESERVE, id: "a\n" }, "id: expected"],
    [{ ...RESERVE, sku: "" }, "sku: expected 1 to 128"],
    [{ ...RESERVE, sku: " MUG" }, "sku: expected"],
    [{ ...RESERVE, sku: "MUG\n" }, "sku: expected"],
    [{ ...RESERVE, sku: null }, "sku: expected"],
    [{ ...RESERVE, sku: undefined }, "sku: expected"],
    [{ ...RESERVE, sku: "\ud83c" }, "sku: expected"],
    [{ ...RESERVE, qty: 0 }, "qty: expected 1 to 1000000 whole units, got 0"],
    [{ ...RESERVE, qty: true }, "qty: expected"],
    [{ ...RESERVE, qty: 1.5 }, "qty: expected"],
    [{ ...RESERVE, qty: "2" }, "qty: expected"],
  ])("%j is not sent", (message, said) => {
    const driver = new Driver().connect();
    expect(() => driver.request(message as ClientMessage)).toThrow(said);
    expect([driver.sent, driver.session.wakeAt() > driver.nowMs]).toEqual([[], true]);
  });

  test("an id in use, too many requests and no time are errors that say so", () => {
    const driver = new Driver({ unansweredMax: 2 }).connect().reserve("r1");
    expect(() => driver.request({ type: "cancel", id: "r1" })).toThrow('"r1" is unanswered');
    expect(() => driver.reserve("r2", 1, 0)).toThrow("timeoutMs");
    expect(() => driver.reserve("r2", 1, Number.NaN)).toThrow("timeoutMs");
    driver.reserve("r2");
    expect(() => driver.reserve("r3")).toThrow("too many");
  });
});
