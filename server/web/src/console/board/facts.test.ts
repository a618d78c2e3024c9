import type { Alert } from "@shelfcast/client/backstage";
import { expect, it } from "vitest";
import { countAlerts, severityOf } from "./facts";

const alert = (sku: string, changes: Partial<Alert> = {}) =>
  ({ sku, severity: "watch", state: "firing", snoozed_until_ms: 0, ...changes }) as Alert;

it("counts the alerts of each SKU, and tells the gravest, and the gravest that nobody has answered", () => {
  const counted = countAlerts(
    [
      alert("mug"),
      alert("mug", { severity: "critical", state: "acknowledged" }),
      alert("mug", { severity: "warning" }),
      alert("bowl", { severity: "critical", snoozed_until_ms: 2_000 }),
    ],
    1_000,
  );
  expect(counted.get("mug")).toEqual({ count: 3, grave: 3, ringing: 2 });
  expect(counted.get("bowl")).toEqual({ count: 1, grave: 3, ringing: 0 });
  expect(counted.get("cup")).toBeUndefined();
  expect([1, 2, 3].map(severityOf)).toEqual(["watch", "warning", "critical"]);
});

it("one that was left aside rings again when its time is over", () => {
  const aside = [alert("bowl", { severity: "critical", snoozed_until_ms: 2_000 })];
  expect([1_999, 2_000].map((at) => countAlerts(aside, at).get("bowl")?.ringing)).toEqual([0, 3]);
});
