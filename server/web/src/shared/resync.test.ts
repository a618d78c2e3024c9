import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { atMostOnce, RESYNC_INTERVAL_MS, shownByObs, watchShown } from "./resync";

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

describe("a page", () => {
  const resync = vi.fn();
  let page: EventTarget;
  let sheet: EventTarget & { visibilityState: string };
  let stop: () => void;

  beforeEach(() => {
    page = new EventTarget();
    sheet = Object.assign(new EventTarget(), { visibilityState: "visible" });
    vi.stubGlobal("window", page);
    vi.stubGlobal("document", sheet);
    resync.mockReset();
    stop = watchShown(resync);
  });
  afterEach(() => {
    stop();
    vi.unstubAllGlobals();
  });

  const obs = (name: string, detail: object) => page.dispatchEvent(new CustomEvent(name, { detail }));
  const shown = (persisted: boolean) => page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
  const seen = (visibilityState: string) => {
    sheet.visibilityState = visibilityState;
    sheet.dispatchEvent(new Event("visibilitychange"));
  };

  test.each([
    ["is shown by OBS", () => obs("obsSourceVisibleChanged", { visible: true })],
    ["comes on the program of OBS", () => obs("obsSourceActiveChanged", { active: true })],
    ["is seen again", () => seen("visible")],
    ["goes on after its device slept", () => sheet.dispatchEvent(new Event("resume"))],
    ["is shown as it was left", () => shown(true)],
  ])("asks for the room anew when it %s", (_, happens) => {
    happens();
    expect(resync).toHaveBeenCalledTimes(1);
  });

  test.each([
    ["is hidden by OBS", () => obs("obsSourceVisibleChanged", { visible: false })],
    ["goes off the program of OBS", () => obs("obsSourceActiveChanged", { active: false })],
    ["is seen no more", () => seen("hidden")],
    ["is loaded", () => shown(false)],
  ])("does not when it %s", (_, happens) => {
    happens();
    expect(resync).not.toHaveBeenCalled();
  });

  test("asks once where one return is told by several events", () => {
    seen("visible");
    shown(true);
    expect(resync).toHaveBeenCalledTimes(1);
  });

  test("asks no more once it is stopped", () => {
    stop();
    seen("visible");
    shown(true);
    obs("obsSourceVisibleChanged", { visible: true });
    expect(resync).not.toHaveBeenCalled();
  });
});
