import { expect, test, vi } from "vitest";
import { atMostOnce, RESYNC_INTERVAL_MS, shownByObs } from "./resync";

test("events that come close together are one reason to ask", () => {
  const resync = vi.fn();
  let nowMs = 0;
  const ask = atMostOnce(resync, () => nowMs);
  ask();
  nowMs = RESYNC_INTERVAL_MS - 1;
  ask();
  expect(resync).toHaveBeenCalledTimes(1);
  nowMs = RESYNC_INTERVAL_MS;
  ask();
  expect(resync).toHaveBeenCalledTimes(2);
});

test.each([
  [{ visible: true }, true],
  [{ active: true }, true],
  [{ visible: false }, false],
  [{ active: false }, false],
  [{ visible: "true" }, false],
  [{}, false],
  [null, false],
])("OBS's detail %o means shown: %s", (detail, shown) => {
  expect(shownByObs(new CustomEvent("obsSourceVisibleChanged", { detail }))).toBe(shown);
});

test("an event without detail means nothing", () => {
  expect(shownByObs(new Event("obsSourceVisibleChanged"))).toBe(false);
});
