import { expect, it } from "vitest";
import { untilNextSecond } from "./clock";

it.each([
  [1_000, 1_000],
  [1_250, 750],
  [1_979, 21],
  // A timer that fired a little early has fired: the next tick is a second further.
  [1_985, 1_015],
])("at %d ms the next tick is %d ms away", (nowMs, waitMs) => expect(untilNextSecond(nowMs)).toBe(waitMs));
