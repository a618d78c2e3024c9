import { expect, it } from "vitest";
import { Announcements, GAP_MS, STALE_AFTER_MS, TOGETHER_MAX, WAITING_MAX } from "./announcements";

it("the first is said at once, the next ones after the gap, together", () => {
  const queue = new Announcements();
  expect(queue.dueMs).toBeNull();
  queue.offer("A cup is frozen.", 0);
  expect(queue.take(0)).toBe("A cup is frozen.");
  queue.offer("One.", 1_000);
  queue.offer("Two.", 2_000);
  expect(queue.dueMs).toBe(GAP_MS);
  expect(queue.take(GAP_MS - 1)).toBeNull();
  expect(queue.take(GAP_MS)).toBe("One. Two.");
  expect(queue.dueMs).toBeNull();
});

it("the weightiest comes first, and what repeats itself is said once", () => {
  const queue = new Announcements();
  queue.offer("Light.", 0);
  queue.offer("Grave.", 1, 2);
  queue.offer("Light.", 2);
  expect(queue.take(3)).toBe("Grave. Light.");
});

it("never more than one message in the gap, whatever comes", () => {
  const queue = new Announcements();
  const said: number[] = [];
  for (let ms = 0; ms < 60_000; ms += 16) {
    queue.offer(`Change ${ms}.`, ms);
    if (queue.take(ms) !== null) said.push(ms);
  }
  for (const [index, ms] of said.entries()) expect(ms - (said[index - 1] ?? -GAP_MS)).toBeGreaterThanOrEqual(GAP_MS);
  expect(said.length).toBeGreaterThan(10);
});

it("a full queue drops the oldest of the lightest, and old news is not said", () => {
  const queue = new Announcements();
  queue.offer("Grave.", 0, 1);
  for (let n = 0; n <= WAITING_MAX; n += 1) queue.offer(`${n}.`, n + 1);
  const first = queue.take(20);
  expect(first).toBe("Grave. 2. 3.");
  expect(first?.split(" ")).toHaveLength(TOGETHER_MAX);
  expect(queue.take(20 + STALE_AFTER_MS + 100)).toBeNull();
});
