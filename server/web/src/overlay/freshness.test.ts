import { expect, test } from "vitest";
import { COUNTS_HIDDEN_AFTER_MS, freshness, NOTICE_SHOWN_MS, stillShown } from "./freshness";

test("counts are live only while the connection is current", () => {
  expect(freshness({ current: true, oldSinceMs: null }, 1_000)).toBe("live");
  expect(freshness({ current: false, oldSinceMs: 1_000 }, 1_000)).toBe("aged");
});

test("old counts are taken off the picture at their time, not a moment later", () => {
  expect(freshness({ current: false, oldSinceMs: 0 }, COUNTS_HIDDEN_AFTER_MS - 1)).toBe("aged");
  expect(freshness({ current: false, oldSinceMs: 0 }, COUNTS_HIDDEN_AFTER_MS)).toBe("gone");
});

test("nothing heard yet is neither old nor new", () => {
  expect(freshness({ current: false, oldSinceMs: null }, 60_000)).toBe("none");
});

test("a notice of the past is not brought up again by a page that opens now", () => {
  expect(stillShown(1_000, 1_000 + NOTICE_SHOWN_MS - 1, NOTICE_SHOWN_MS)).toBe(true);
  expect(stillShown(1_000, 1_000 + NOTICE_SHOWN_MS, NOTICE_SHOWN_MS)).toBe(false);
});

test("a server's clock that is estimated a little behind still shows it", () => {
  expect(stillShown(1_500, 1_000, NOTICE_SHOWN_MS)).toBe(true);
});
