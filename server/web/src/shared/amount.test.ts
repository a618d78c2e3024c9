import { expect, it } from "vitest";
import { minorOf } from "./amount";

it.each([
  ["12", "CNY", 1_200],
  ["12.5", "CNY", 1_250],
  ["12.345", "CNY", undefined],
  ["7", "JPY", 7],
  ["7.1", "JPY", undefined],
  ["-1", "CNY", undefined],
  ["", "CNY", undefined],
])("%j of %s is %j in minor units", (typed, currency, minor) => expect(minorOf(typed, currency)).toBe(minor));
