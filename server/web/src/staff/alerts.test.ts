import type { Alert } from "@shelfcast/client/backstage";
import { expect, test } from "vitest";
import { byUrgency, isAside, nameOf } from "./alerts";

const NOW_MS = 1_000_000;
const alert = (id: string, changes: Partial<Alert> = {}) =>
  ({ id, sku: id, state: "firing", severity: "watch", snoozed_until_ms: 0, at_ms: 1, ...changes }) as Alert;

test("what nobody has answered comes first, then what is on, the gravest, the latest", () => {
  const alerts = [
    alert("noted", { state: "acknowledged", severity: "critical" }),
    alert("aside", { snoozed_until_ms: NOW_MS + 1, severity: "critical" }),
    alert("old"),
    alert("new", { at_ms: 2 }),
    alert("grave", { severity: "critical" }),
    alert("on"),
    alert("was aside", { snoozed_until_ms: NOW_MS, severity: "warning" }),
  ];
  const order = byUrgency(alerts, "on", NOW_MS).map(({ id }) => id);
  expect(order).toEqual(["on", "grave", "was aside", "new", "old", "noted", "aside"]);
});

test("an alert is aside until its time is over", () => {
  expect([0, NOW_MS, NOW_MS + 1].map((at) => isAside({ snoozed_until_ms: at }, NOW_MS))).toEqual([false, false, true]);
});

test("a long name is cut between its signs", () => {
  expect(nameOf("王芳")).toBe("王芳");
  expect(nameOf("🍵".repeat(30))).toBe(`${"🍵".repeat(24)}…`);
});
