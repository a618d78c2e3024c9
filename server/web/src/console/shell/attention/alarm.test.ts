import { describe, expect, it } from "vitest";
import { Alarm, asks, type Rung } from "./alarm";

const alert = (id: string, more: Partial<Rung> = {}): Rung => ({
  id,
  state: "firing",
  severity: "warning",
  at_ms: 1_000,
  since_ms: 1_000,
  snoozed_until_ms: 0,
  ...more,
});

const idsOf = (alerts: readonly Rung[]) => alerts.map(({ id }) => id);

describe("the alarm", () => {
  it("rings once for each new grave alert, and not for what stood already", () => {
    const alarm = new Alarm<Rung>();
    expect(alarm.hear([alert("old")], 2_000)).toEqual([]);
    expect(idsOf(alarm.hear([alert("old"), alert("new")], 3_000))).toEqual(["new"]);
    expect(alarm.hear([alert("old"), alert("new")], 4_000)).toEqual([]);
  });

  it("rings anew when an alert becomes graver", () => {
    const alarm = new Alarm<Rung>();
    alarm.hear([alert("a")], 1_000);
    expect(idsOf(alarm.hear([alert("a", { severity: "critical", at_ms: 9_000 })], 9_000))).toEqual(["a"]);
  });

  it("does not ring for what is merely watched, answered or put aside, until that is over", () => {
    const alarm = new Alarm<Rung>();
    alarm.hear([], 0);
    const quiet = [
      alert("a", { severity: "watch" }),
      alert("b", { state: "acknowledged" }),
      alert("c", { snoozed_until_ms: 5_000 }),
    ];
    expect(alarm.hear(quiet, 1_000)).toEqual([]);
    expect(idsOf(alarm.hear(quiet, 5_000))).toEqual(["c"]);
  });
});

describe("who comes back", () => {
  it("is told what rang meanwhile, newest first, and whether it stands", () => {
    const alarm = new Alarm<Rung>();
    alarm.hear([alert("before")], 0);
    alarm.leave();
    alarm.hear([alert("before"), alert("came")], 200);
    alarm.hear([alert("stays")], 300);
    const missed = alarm.come();
    expect(missed.map(({ alert: { id }, wentAtMs }) => [id, wentAtMs])).toEqual([
      ["stays", null],
      ["came", 300],
    ]);
    expect(alarm.come()).toEqual([]);
  });

  it("has missed nothing while the page was looked at", () => {
    const alarm = new Alarm<Rung>();
    alarm.hear([], 0);
    alarm.hear([alert("seen")], 100);
    alarm.leave();
    alarm.hear([alert("seen")], 300);
    expect(alarm.come()).toEqual([]);
  });
});

it("what asks for somebody is grave, firing and not put aside", () => {
  expect(asks(alert("a"), 0)).toBe(true);
  expect(asks(alert("a", { severity: "watch" }), 0)).toBe(false);
  expect(asks(alert("a", { snoozed_until_ms: 10 }), 9)).toBe(false);
});
