/** The mirror: absolute values, never backwards within an epoch, and what is told of each change. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ServerMessage } from "../src/messages.js";
import { Mirror } from "../src/mirror.js";
import { Driver, holding, reserved, snapshot, stock, view } from "./driver.js";

describe("counts", () => {
  test("a snapshot is the whole room in its order", () => {
    const notice = { text: "back at eight", at_ms: 900 };
    const first = { spotlight: "MUG", viewers: 7, title: "Tea", demonstration: true, notice };
    const driver = new Driver().connect(snapshot({ MUG: 5, BOWL: 0 }, first));
    expect(driver.mirror.shelf).toEqual(["MUG", "BOWL"]);
    expect(driver.mirror).toMatchObject({ status: "live", current: true, ...first });
    driver.hear(snapshot({ BOWL: 3, CUP: 2 }, { seq: 11 }));
    expect(driver.counts).toEqual({ BOWL: 3, CUP: 2 });
    expect(driver.mirror).toMatchObject({ shelf: ["BOWL", "CUP"], title: "", demonstration: false, notice: null });
  });

  test("what is older is passed over, and the same twice does no harm", () => {
    const driver = new Driver().connect();
    driver.hear(stock(20, { MUG: 2 }), stock(20, { MUG: 2 }), stock(19, { MUG: 3 }));
    expect(driver.counts).toEqual({ MUG: 2 });
    expect(driver.of("stock"), "what is passed over is not shown").toHaveLength(2);
  });

  test("a lagging server after a reconnect never runs a count backwards", () => {
    const driver = new Driver()
      .connect(snapshot({ MUG: 5, BOWL: 9 }))
      .hear(stock(20, { MUG: 2 }))
      .lose();
    driver.waitToDial();
    const seen = driver.of("snapshot").length;
    driver.open().hear(snapshot({ MUG: 4, BOWL: 9 }, { seq: 15, viewers: 3 }));
    expect([driver.counts, driver.mirror.current, driver.mirror.viewers]).toEqual([{ MUG: 2, BOWL: 9 }, true, 3]);
    expect(driver.of("snapshot")).toHaveLength(seen);
    driver.hear(stock(18, { MUG: 3 }));
    expect(driver.counts).toEqual({ MUG: 2, BOWL: 9 });
    driver.hear(stock(25, { MUG: 1, BOWL: 8 }));
    expect(driver.counts).toEqual({ MUG: 1, BOWL: 8 });
  });

  test("another epoch replaces everything, also with a lower sequence", () => {
    const driver = new Driver().connect(snapshot({ MUG: 5 }, { seq: 100 }));
    driver.hear(snapshot({ MUG: 9 }, { seq: 3, epoch: 2 }), stock(4, { MUG: 8 }));
    expect(driver.counts).toEqual({ MUG: 8 });
  });

  test("counts stay but are not current while disconnected, until the snapshot", () => {
    const driver = new Driver().connect().lose();
    expect([driver.counts, driver.mirror.current]).toEqual([{ MUG: 5 }, false]);
    driver.waitToDial();
    expect(driver.open().mirror.current).toBe(false);
    expect(driver.hear(snapshot({ MUG: 5 })).mirror.current).toBe(true);
  });

  test("a server that has lost sight of its book says so, and a snapshot takes it back", () => {
    const driver = new Driver().connect();
    driver.hear({ type: "error", code: "UNAVAILABLE", message: "old", id: null, retry_after_ms: null });
    expect([driver.counts, driver.mirror.current]).toEqual([{ MUG: 5 }, false]);
    driver.hear(snapshot({ MUG: 4 }, { seq: 12 }));
    expect([driver.counts, driver.mirror.current]).toEqual([{ MUG: 4 }, true]);
  });

  test("within an epoch the sequence never runs backwards, whatever order servers that lag bring frames in", () => {
    const frame = fc.tuple(fc.constantFrom("stock", "snapshot"), fc.nat(40), fc.integer({ min: 1, max: 2 }));
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 40 }), (frames) => {
        const mirror = new Mirror();
        let last = { epoch: 0, seq: -1 };
        for (const [kind, seq, epoch] of frames) {
          // The count here is the sequence itself.
          const isSnapshot = kind === "snapshot" || mirror.epoch !== epoch;
          mirror.apply(isSnapshot ? snapshot({ S: seq }, { seq, epoch }) : stock(seq, { S: seq }));
          expect(mirror.stock.get("S")?.available).toBe(mirror.seq);
          if (mirror.epoch === last.epoch) expect(mirror.seq).toBeGreaterThanOrEqual(last.seq);
          last = { epoch: mirror.epoch, seq: mirror.seq };
        }
      }),
    );
  });

  test("the mirror is the last snapshot and the stock after it, however often and late frames come again", () => {
    const counts = fc.array(fc.tuple(fc.constantFrom("MUG", "BOWL", "CUP"), fc.nat(50)), { maxLength: 20 });
    const again = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 10 });
    fc.assert(
      fc.property(counts, again, (changes, repeats) => {
        const truth: Record<string, number> = { MUG: 10, BOWL: 10, CUP: 10 };
        const frames: ServerMessage[] = [snapshot(truth)];
        for (const [place, [sku, left]] of changes.entries()) {
          truth[sku] = left;
          frames.push(place % 5 === 4 ? snapshot(truth, { seq: 11 + place }) : stock(11 + place, { [sku]: left }));
        }
        const sent = frames.flatMap((frame, place) => [
          frame,
          ...repeats.filter(([at]) => at === place).flatMap(([, back]) => frames[place - back] ?? []),
        ]);
        const driver = new Driver().connect(...sent);
        expect(driver.counts).toEqual(truth);
      }),
    );
  });
});

describe("what else is known", () => {
  test("the user's reservations follow every message about them", () => {
    const driver = new Driver()
      .connect()
      .hear({ type: "me", reservations: ["a", "b", "c", "d"].map(holding), waiting: [] });
    expect([...driver.mirror.reservations.keys()]).toEqual(["a", "b", "c", "d"]);
    const over = { sku: "MUG", qty: 1, seq: 11 };
    driver.hear({ type: "cancelled", id: "a", ...over }, { type: "confirmed", id: "b", ...over });
    driver.hear({ type: "expired", id: "c", ...over }, { ...reserved("d"), state: "payment_pending" });
    expect([...driver.mirror.reservations.values()].map((each) => [each.id, each.state])).toEqual([
      ["d", "payment_pending"],
    ]);
    driver.hear({ type: "me", reservations: [], waiting: [] });
    expect(driver.mirror.reservations.size).toBe(0);
  });

  test("terms, spotlight, status, viewers and notices", () => {
    const driver = new Driver().connect();
    const { available, held, level, ...terms } = view("MUG", 0, { title: "Mug!", price_minor: 90, limit_per_user: 1 });
    driver.hear({ type: "sale", ...terms }, { type: "spotlight", sku: "MUG" }, { type: "status", status: "paused" });
    driver.hear({ type: "viewers", viewers: 9 }, { type: "notice", text: "soon", at_ms: 5 });
    expect(driver.mirror.stock.get("MUG")).toEqual(
      view("MUG", 5, { title: "Mug!", price_minor: 90, limit_per_user: 1 }),
    );
    expect(driver.mirror).toMatchObject({
      spotlight: "MUG",
      status: "paused",
      viewers: 9,
      notice: { text: "soon", at_ms: 5 },
    });
    driver.hear({ type: "notice", text: "", at_ms: 6 });
    expect(driver.mirror.notice).toBeNull();
  });
});

describe("what is told of a change", () => {
  const changes = (driver: Driver) => driver.of("change").map(({ type, ...change }) => change);
  const nothing = { skus: new Set(), room: false, reservations: false, backstage: false };

  test("each frame that changed anything is told once, after it was applied", () => {
    const driver = new Driver().connect(snapshot({ MUG: 5, BOWL: 9 }));
    expect(changes(driver)).toEqual([{ ...nothing, skus: "all", room: true }]);
    driver.events = [];
    driver.hear(stock(11, { MUG: 4, BOWL: 9 }), stock(12, { MUG: 4 }), snapshot({ MUG: 3, BOWL: 9 }, { seq: 13 }));
    driver.hear(
      { type: "viewers", viewers: 1 },
      { type: "viewers", viewers: 2 },
      { type: "cue", id: "c1", text: "now", sku: null, at_ms: 1 },
    );
    driver.hear({ type: "me", reservations: [holding("a")], waiting: [] }).reserve();
    expect(changes(driver)).toEqual([
      { ...nothing, skus: new Set(["MUG"]) },
      { ...nothing, skus: new Set(["MUG"]) },
      { ...nothing, room: true },
      { ...nothing, backstage: true },
      { ...nothing, reservations: true },
      { ...nothing, reservations: true },
    ]);
    expect(driver.events.filter((event) => event.type !== "change").length).toBe(7);
  });

  test("a view is replaced when anything in it changed, and kept when nothing did", () => {
    const driver = new Driver().connect(snapshot({ MUG: 5, BOWL: 9 }));
    const [mug, bowl] = [driver.mirror.stock.get("MUG"), driver.mirror.stock.get("BOWL")];
    driver.hear(stock(11, { MUG: 4 }), snapshot({ BOWL: 9, MUG: 4 }, { seq: 12 }));
    expect(mug?.available).toBe(5);
    expect(driver.mirror.stock.get("MUG")).not.toBe(mug);
    expect(driver.mirror.stock.get("BOWL")).toBe(bowl);
    expect(driver.of("change").at(-1)?.skus, "another order").toBe("all");
  });
});
