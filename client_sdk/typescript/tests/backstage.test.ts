/** What hosts and operators are told: cues, alerts and metrics, and how long each stands. */

import { describe, expect, test } from "vitest";
import { BackstageMirror } from "../src/backstage/mirror.js";
import { readBackstage } from "../src/backstage/read.js";
import { type Alert, connectBackstage } from "../src/backstage.js";
import { UsageError } from "../src/errors.js";
import { readMessage } from "../src/read.js";
import { Driver, snapshot, stock } from "./driver.js";
import { pass, TOKEN } from "./entering.js";
import { FakeSocket } from "./fake_socket.js";

/** What a server of before says of a crossed tier. */
const TIER = { type: "alert", sku: "MUG", tier_percent: 20, remaining: 1, remaining_share: 0.1, advice: "", at_ms: 1 };
const alert = (number: number, changes: Partial<Alert> = {}) =>
  ({ ...(readBackstage(TIER) as Alert), id: `show.1:${number}`, ...changes }) as Alert;
const cue = (id: string) => ({ type: "cue", id, text: "now", sku: null, at_ms: 1 }) as const;
const metric = (sku: string) => ({
  sku,
  remaining: 1,
  held: 0,
  offered: 2,
  share_left: 0.5,
  sold: 1,
  units_a_minute: 1,
  sold_out_in_minutes: null,
  sold_out_in_minutes_low: null,
  sold_out_in_minutes_high: null,
  sell_through: 0.5,
  waiting: 0,
});
const standing = (driver: Driver) => [...driver.mirror.alerts.keys()];

test("cues stand until they are acknowledged, at most 20, and each connection tells them anew", () => {
  const driver = new Driver().connect().hear(cue("c0"), cue("c1"), cue("c0"));
  expect([...driver.mirror.cues.keys()]).toEqual(["c1", "c0"]);
  driver.hear({ type: "acknowledged", cue: "c1", by: "wang", at_ms: 2 });
  expect([...driver.mirror.cues.keys()]).toEqual(["c0"]);
  for (let number = 1; number <= 25; number += 1) driver.hear(cue(`d${number}`));
  expect([driver.mirror.cues.size, [...driver.mirror.cues.keys()][0]]).toEqual([20, "d6"]);
  driver.lose().waitToDial();
  expect(driver.mirror.cues.size).toBe(20);
  expect(driver.open().mirror.cues.size).toBe(0);
});

describe("alerts", () => {
  test("stand until they are resolved, however the stock recovers, also when the product leaves the shelf", () => {
    const driver = new Driver()
      .connect(snapshot({ MUG: 5, BOWL: 5 }))
      .hear(alert(1), alert(2, { rule: "sold_out_eta" }));
    expect(standing(driver)).toEqual(["show.1:1", "show.1:2"]);
    driver.hear(stock(13, { MUG: 400 }), snapshot({ BOWL: 40 }, { seq: 14 }));
    driver.hear(alert(1, { state: "acknowledged", acknowledged_by: "wang" }));
    expect(standing(driver)).toEqual(["show.1:2", "show.1:1"]);
    expect(driver.mirror.alerts.get("show.1:1")).toMatchObject({ state: "acknowledged", acknowledged_by: "wang" });
    driver.hear(alert(1, { state: "resolved" }));
    expect(standing(driver)).toEqual(["show.1:2"]);
  });

  test("of a connection before stand until the next one tells which still do", () => {
    const driver = new Driver().connect().hear(alert(1));
    driver.lose().waitToDial();
    expect(standing(driver)).toEqual(["show.1:1"]);
    expect(standing(driver.open())).toEqual([]);
  });

  test("of a server of before have no id: one a product", () => {
    const old = readBackstage(TIER) as Alert;
    expect(old).toMatchObject({ id: "", state: "firing", rule: "share_left", actions: [] });
    const driver = new Driver().connect().hear(old, { ...old, tier_percent: 10 });
    expect([...driver.mirror.alerts.values()].map((one) => one.tier_percent)).toEqual([10]);
  });
});

test("metrics go with their SKU, and are bounded", () => {
  const driver = new Driver().connect(snapshot({ MUG: 5, BOWL: 5 }));
  driver.hear({ type: "metrics", at_ms: 1, viewers: 1, rows: [metric("MUG"), metric("BOWL")] });
  driver.hear(snapshot({ BOWL: 40 }, { seq: 14 }));
  expect([...driver.mirror.metrics.keys()]).toEqual(["BOWL"]);
  const mirror = new BackstageMirror();
  const rows = Array.from({ length: 5_000 }, (_, number) => metric(`S${number}`));
  mirror.apply({ type: "metrics", at_ms: 1, viewers: 1, rows });
  expect(mirror.metrics.size).toBe(4_096);
});

test("a viewer's client passes over what is told backstage", () => {
  expect([readMessage(TIER), readMessage(cue("c1")), readMessage({ type: "metrics" })]).toEqual([null, null, null]);
});

describe("an operator's request", () => {
  async function entered() {
    const options = { url: "https://shop.example", room: "show", token: TOKEN, storage: null, WebSocket: FakeSocket };
    const room = connectBackstage(options);
    await pass();
    FakeSocket.last.accept().say(snapshot({ MUG: 5 }));
    return room;
  }
  const last = () => FakeSocket.last.sent.at(-1);

  test("is known by the id it is given, and waits as long as it may", async () => {
    const room = await entered();
    const asked = room.operator.cue("hold it up", null, { id: "c1", timeoutMs: 300 });
    expect(last()).toEqual({ type: "cue", id: "c1", text: "hold it up", sku: null });
    await pass(300);
    expect(await asked).toMatchObject({ type: "unanswered", id: "c1" });
    void room.operator.notice("🍵".repeat(500), { id: "n1" });
    expect(last(), "characters of two halves each").toMatchObject({ type: "notice", id: "n1" });
    void room.operator.freeze("MUG");
    expect(last()?.id).toMatch(/^[a-z0-9]{16,64}$/);
    room.close();
  });

  test("about an alert names it, and for how long", async () => {
    const room = await entered();
    void room.operator.acknowledgeAlert("show.1:17", "on its way");
    expect(last()).toMatchObject({ type: "acknowledge_alert", alert: "show.1:17", note: "on its way" });
    void room.operator.undo("undo:f1");
    expect(last()).toMatchObject({ type: "undo", action: "undo:f1" });
    void room.operator.snoozeAlert("show.1:17");
    expect(last()).toMatchObject({ type: "snooze_alert", alert: "show.1:17", minutes: 10 });
    room.close();
  });

  test("that the server could only refuse is not sent", async () => {
    const room = await entered();
    const { operator } = room;
    const sent = FakeSocket.last.sent.length;
    const wrong: [Promise<unknown>, string][] = [
      [operator.cue("once more", null, { id: "no id" }), "id: expected 1 to 64"],
      [operator.cue(""), "text: expected at most 500"],
      [operator.notice("x".repeat(501)), "text: expected at most 500"],
      [operator.acknowledge("the first one"), "cue: expected"],
      [operator.acknowledgeAlert("show.1"), "alert: expected an alert's id"],
      [operator.acknowledgeAlert("show.1:1", "x".repeat(201)), "note: expected at most 200"],
      [operator.snoozeAlert("show.1:1", 31), "minutes: expected 1 to 30 whole minutes, got 31"],
      [operator.status("asleep"), "status: expected one of scheduled,live"],
      [operator.undo(""), "action: expected an action's id"],
      [operator.undo("x".repeat(129)), "action: expected"],
      [operator.freeze("MUG", 1 as never), "frozen: expected true or false"],
    ];
    for (const [asked, said] of wrong) {
      await expect(asked).rejects.toThrow(UsageError);
      await expect(asked).rejects.toThrow(said);
    }
    expect(FakeSocket.last.sent.length).toBe(sent);
    room.close();
  });
});
