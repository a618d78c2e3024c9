/** The waitlist in the client: asking for a place, what the mirror knows of it, lost connections, and a page that is loaded
 * again. */

import { describe, expect, test, vi } from "vitest";
import type { Me, Offer, Place, ServerMessage, Waiting, WaitOver } from "../src/messages.js";
import type { Units } from "../src/pool/messages.js";
import { readPoolMessage } from "../src/pool/read.js";
import { Driver, holding, refused, reserved, snapshot, view } from "./driver.js";
import { enter, entered, pass, token } from "./entering.js";
import { FakeSocket } from "./fake_socket.js";

function place(id = "w1", first = 1, last = 10): Place {
  return { id, sku: "MUG", qty: 2, first, last, stopped: null };
}

function waiting(id = "w1", changes: Partial<Place> = {}): Waiting {
  return { type: "waiting", ...place(id), ...changes };
}

function offer(id = "w1", qty = 2): Offer {
  return { type: "offer", id, sku: "MUG", qty, asked: 2, expires_at_ms: 91_000, seq: 12, at_ms: 1_000 };
}

function over(code: string, id = "w1"): WaitOver {
  return { type: "wait_over", id, sku: "MUG", qty: 2, code, message: code };
}

function me(places: Place[], reservations = [] as Me["reservations"]): Me {
  return { type: "me", reservations, waiting: places };
}

describe("asking", () => {
  test("who waits is told the place, and each new one", () => {
    const driver = new Driver().connect().waitFor();
    expect(driver.sent).toEqual([{ type: "wait", id: "w1", sku: "MUG", qty: 2 }]);
    expect([...driver.session.pending.values()]).toEqual([{ kind: "wait", id: "w1", sku: "MUG", qty: 2 }]);
    driver.hear(waiting("w1", { first: 51, last: 100 }));
    expect(driver.settled.w1).toEqual(waiting("w1", { first: 51, last: 100 }));
    expect(driver.of("settled")).toMatchObject([{ kind: "wait", id: "w1", result: { type: "waiting" } }]);
    expect([...driver.mirror.waiting]).toEqual([["w1", place("w1", 51, 100)]]);
    expect(driver.session.pending.size).toBe(0);
    driver.hear(waiting("w1", { stopped: "FROZEN" }));
    expect(driver.mirror.waiting.get("w1")).toEqual({ ...place(), stopped: "FROZEN" });
    expect(driver.of("change").at(-1)?.reservations).toBe(true);
    expect(driver.of("waiting")).toHaveLength(2);
  });

  test("an offer is a reservation at once", () => {
    const driver = new Driver().connect().waitFor().hear(waiting(), offer("w1", 1));
    expect(driver.mirror.waiting.size).toBe(0);
    const held = { id: "w1", sku: "MUG", qty: 1, state: "active", expires_at_ms: 91_000, offered: true };
    expect([...driver.mirror.reservations.values()]).toEqual([held]);
    expect(driver.of("offer")).toEqual([offer("w1", 1)]);
    expect(driver.hear(waiting()).mirror.waiting.size, "said while the offer came").toBe(0);
    driver.hear({ type: "expired", id: "w1", sku: "MUG", qty: 1, seq: 13 });
    expect([driver.mirror.reservations.size, driver.mirror.waiting.size]).toEqual([0, 0]);
  });

  test("what is offered at once is the answer, and told again it keeps what is known of its payment", () => {
    const driver = new Driver().connect().waitFor().hear(offer());
    expect(driver.settled.w1).toEqual(offer());
    driver.hear(me([], [{ ...holding("w1"), state: "payment_pending", offered: true }]), offer());
    expect(driver.mirror.reservations.get("w1")).toMatchObject({ state: "payment_pending", offered: true });
  });

  test.each(["FORBIDDEN", "LIMIT_PER_USER", "SHELF_FULL"])("a refusal is a value: %s", (code) => {
    const driver = new Driver()
      .connect()
      .waitFor()
      .hear({ ...refused(code, "w1"), field: "waiting" } as ServerMessage);
    expect(driver.settled.w1).toMatchObject({ type: "refused", code, field: "waiting" });
    expect(driver.mirror.waiting.size).toBe(0);
  });

  test.each<[ServerMessage, string, number]>([
    [over("OK"), "wait_over", 0],
    [over("SALE_ENDED"), "wait_over", 0],
    [{ type: "cancelled", id: "w1", sku: "MUG", qty: 2, seq: 13 }, "cancelled", 0],
    [refused("NOT_FOUND", "w1"), "refused", 1],
  ])("declining is answered: %j", (answer, type, places) => {
    const driver = new Driver()
      .connect()
      .hear(me([place()]))
      .request({ type: "decline", id: "w1" });
    expect(driver.sent).toEqual([{ type: "decline", id: "w1" }]);
    expect(driver.session.pending.size).toBe(0);
    driver.hear(answer);
    expect([driver.settled.w1?.type, driver.mirror.waiting.size]).toEqual([type, places]);
  });

  test.each([
    [{ id: "a b", sku: "MUG", qty: 1 }, "id: expected"],
    [{ id: "w1", sku: " MUG", qty: 1 }, "sku: expected"],
    [{ id: "w1", sku: null, qty: 1 }, "sku: expected"],
    [{ id: "w1", sku: "MUG", qty: 0 }, "qty: expected"],
  ])("%j is not sent", (wish, said) => {
    const driver = new Driver().connect();
    expect(() => driver.request({ type: "wait", ...wish } as never)).toThrow(said);
    expect(driver.sent).toEqual([]);
  });
});

describe("a connection that is lost", () => {
  test("unanswered waits and declines are sent again with their ids, in order", () => {
    const driver = new Driver().connect().waitFor("w1").reserve("r1").request({ type: "decline", id: "w0" });
    driver.waitFor("w2").hear(waiting("w2")).lose().waitToDial();
    driver.sent = [];
    expect(driver.open().sent).toEqual([
      { type: "wait", id: "w1", sku: "MUG", qty: 2 },
      { type: "reserve", id: "r1", sku: "MUG", qty: 1, again: true },
      { type: "decline", id: "w0" },
    ]);
    driver.hear(snapshot({ MUG: 0 }), waiting("w1"), over("OK", "w0"));
    expect([driver.settled.w1?.type, driver.settled.w0?.type]).toEqual(["waiting", "wait_over"]);
  });

  test("what was not executed is tried again with its id", () => {
    const driver = new Driver()
      .connect()
      .waitFor()
      .hear(refused("OVERLOADED", "w1", 500));
    expect(driver.wait(3_000).sentIds).toEqual(["w1", "w1"]);
    expect(driver.hear(waiting()).settled.w1?.type).toBe("waiting");
  });

  test("a wait asked for again may have been offered and paid meanwhile", () => {
    const driver = new Driver().connect().waitFor().lose();
    driver.waitToDial();
    driver.open().hear(snapshot({ MUG: 0 }), { type: "confirmed", id: "w1", sku: "MUG", qty: 2, seq: 12 });
    expect(driver.settled.w1?.type).toBe("confirmed");
  });

  test("what is told after coming back is the truth", () => {
    const driver = new Driver().connect().hear(me([place("w1"), place("w2", 11, 50), place("w3")]));
    driver.lose();
    expect([...driver.mirror.waiting.keys()], "old, but what is known").toEqual(["w1", "w2", "w3"]);
    driver.waitToDial();
    driver.open().hear(snapshot({ MUG: 0 }), me([place("w2")], [{ ...holding("w1"), offered: true }]));
    expect([...driver.mirror.waiting.values()]).toEqual([place("w2")]);
    expect(driver.mirror.reservations.get("w1")?.offered).toBe(true);
  });

  test("another user has none of the places", () => {
    const driver = new Driver().connect().hear(me([place()]));
    driver.do(driver.session.abandon("another user"));
    expect(driver.mirror.waiting.size).toBe(0);
    expect(driver.of("change").at(-1)?.reservations).toBe(true);
  });

  test("a wait that is over says why", () => {
    const driver = new Driver().connect().hear(me([place("w1"), place("w2")]), over("SALE_ENDED"));
    expect([...driver.mirror.waiting.keys()]).toEqual(["w2"]);
    expect(driver.of("wait_over")).toMatchObject([{ id: "w1", code: "SALE_ENDED" }]);
    expect(driver.hear(reserved("w2", 2)).mirror.waiting.size).toBe(0);
  });
});

describe("how many wait", () => {
  test("follows snapshot and waitlist, and draws those SKUs anew", () => {
    const driver = new Driver().connect(snapshot({ MUG: 0, BOWL: 3 }, { waitlist: true }));
    const bowl = driver.mirror.stock.get("BOWL");
    const numbers = () => [...driver.mirror.stock.values()].map((each) => [each.sku, each.waiting]);
    expect(driver.mirror.waitlist).toBe(true);
    const rows = [
      ["MUG", 12],
      ["CUP", 4],
    ] as const;
    driver.hear({ type: "waitlist", rows });
    expect(numbers()).toEqual([
      ["MUG", 12],
      ["BOWL", 0],
    ]);
    expect(driver.of("change").at(-1)).toMatchObject({ skus: new Set(["MUG"]), room: false });
    expect(driver.mirror.stock.get("BOWL")).toBe(bowl);
    driver.hear(snapshot({}, { seq: 11, skus: [view("MUG", 0, { waiting: 7 })] }));
    expect([numbers(), driver.mirror.waitlist]).toEqual([[["MUG", 7]], false]);
  });

  test("is told of each room to who follows the pool; a server of before says nothing of it", () => {
    const rows = [
      ["mug", 1, 2, 0, 0, false, [], [["evening", 3]]],
      ["cup", 1, 2, 0, 0, false, []],
    ];
    const units = readPoolMessage({ type: "units", at_ms: 1, rows }) as Units;
    expect(units.rows.map((row) => row.waiting)).toEqual([[{ room: "evening", people: 3 }], []]);
    const wrong = [["mug", 1, 2, 0, 0, false, [], [["evening", "many"]]]];
    expect(() => readPoolMessage({ type: "units", at_ms: 1, rows: wrong })).toThrow("rows[0][7][0][1]: expected");
  });

  test("a server of before says nothing of it", () => {
    const { waitlist, skus, ...old } = snapshot({ MUG: 5 }) as Extract<ServerMessage, { type: "snapshot" }>;
    const { waiting: _, ...mug } = view("MUG", 5);
    const driver = new Driver().start().open();
    driver.hear({ ...old, skus: [mug] } as never, { type: "me", reservations: [] } as never);
    expect([driver.mirror.waitlist, driver.mirror.stock.get("MUG")?.waiting]).toEqual([false, 0]);
    expect(driver.mirror.waiting.size).toBe(0);
  });
});

describe("a page that is loaded again", () => {
  function tab() {
    const items = new Map<string, string>();
    return {
      items,
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    };
  }

  test("asks again for a wait without an answer, beside a reservation, and says where the user stands", async () => {
    const storage = tab();
    const before = await entered({ storage });
    void before.wait("MUG", 2);
    void before.reserve("MUG", 1);
    const [id = "", other = ""] = before.pending.keys();
    FakeSocket.opened = [];
    const room = enter({ storage });
    const settled = vi.fn();
    room.on("settled", settled);
    expect([...room.pending.values()]).toEqual([
      { kind: "wait", id, sku: "MUG", qty: 2 },
      { kind: "reserve", id: other, sku: "MUG", qty: 1 },
    ]);
    const asked = room.wait("MUG", 2, { id });
    await expect(room.reserve("MUG", 2, { id }), "is another wish").rejects.toThrow("is unanswered");
    await pass();
    FakeSocket.last.accept().say(snapshot({ MUG: 0 }, { waitlist: true }));
    expect(FakeSocket.last.sent).toEqual([
      { type: "wait", id, sku: "MUG", qty: 2 },
      { type: "reserve", id: other, sku: "MUG", qty: 1, again: true },
    ]);
    FakeSocket.last.say(me([place(id)]), waiting(id), refused("ALL_HELD", other));
    expect((await asked).type).toBe("waiting");
    expect(settled.mock.calls.map(([each]) => [each.kind, each.result.type])).toEqual([
      ["wait", "waiting"],
      ["reserve", "refused"],
    ]);
    expect([...room.waiting.values()]).toEqual([place(id)]);
    expect([room.waitlist, room.pending.size, storage.items.size]).toEqual([true, 0, 0]);
    const declined = room.decline(id);
    FakeSocket.last.say(over("OK", id));
    expect([(await declined).type, room.waiting.size]).toEqual(["wait_over", 0]);
  });

  test("does not do so in another user's name", async () => {
    const storage = tab();
    void (await entered({ storage })).wait("MUG");
    const room = enter({ storage, token: token("li") });
    await pass();
    expect(room.pending.size).toBe(0);
  });
});
