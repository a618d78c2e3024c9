import { expect, it } from "vitest";
import { History, LINES_MAX } from "./history";

it("goes back line by line, and forth to what was being written", () => {
  const history = new History();
  for (const line of ["3 +50", "3 !", "3 !", "  "]) history.add(line);
  expect(history.before("n")).toBe("3 !");
  expect(history.before("3 !")).toBe("3 +50");
  expect(history.before("3 +50")).toBe("3 +50");
  expect(history.behind()).toBe("3 !");
  expect(history.behind()).toBe("n");
  expect(history.behind()).toBe("n");
});

it("without lines stays where it is, and keeps only the last ones", () => {
  const history = new History();
  expect(history.before("draft")).toBe("draft");
  for (let n = 0; n <= LINES_MAX; n += 1) history.add(`${n} x`);
  for (let n = 0; n < LINES_MAX + 5; n += 1) history.before("");
  expect(history.before("")).toBe("1 x");
});
