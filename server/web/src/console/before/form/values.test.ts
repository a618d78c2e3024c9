import { beforeAll, expect, it } from "vitest";
import { loadWords } from "../../../shared/i18n";
import { WORDS } from "../../words/all";
import { choice, decimal, type Kind, line, list, moment, money, name, tick, whole, wholeThere } from "./values";

beforeAll(() => loadWords(WORDS, "en"));

/** What a text is read as; a fault is told by its words. */
const read = <T>(kind: Kind<T>, text: string) => {
  const found = kind.read(text);
  return found.ok ? found.value : found.expected;
};

it("reads whole numbers as people type them, and says which were expected", () => {
  const limit = whole({ min: 1, max: 1_000 });
  const expected = "Expected: a whole number from 1 to 1,000.";
  expect(["5", " 1 000", "1,000", "１２", ""].map((text) => read(limit, text))).toEqual([5, 1_000, 1_000, 12, null]);
  expect(["0", "1001", "2.5", "five", "-3"].map((text) => read(limit, text))).toEqual(Array(5).fill(expected));
  expect(read(wholeThere({ min: 1, max: 1_000 }), "")).toBe(expected);
});

it("reads and writes prices in the digits of their currency", () => {
  const yuan = money("CNY", -1);
  expect(["12.9", "12", "1,299.00", "１２．５", ""].map((text) => read(yuan, text))).toEqual([
    1_290, 1_200, 129_900, 1_250, -1,
  ]);
  expect(yuan.toText(1_290)).toBe("12.90");
  expect(yuan.toText(-1)).toBe("");
  expect(read(money("JPY", -1), "980")).toBe(980);
  expect(read(money("JPY", -1), "9.80")).toContain("JPY");
  for (const text of ["12.345", "-1", "12,90 CNY", "1e3"]) expect(read(yuan, text)).toContain("12.90");
});

it("keeps a moment by the minute, where the device is", () => {
  const atMs = new Date(2026, 10, 30, 20, 5).getTime();
  expect(moment.toText(atMs)).toBe("2026-11-30T20:05");
  expect(read(moment, "2026-11-30T20:05")).toBe(atMs);
  expect(read(moment, "")).toBe(null);
  expect(read(moment, "tomorrow")).toBe("Expected: a day and a time.");
});

it("reads several names between any commas, each once", () => {
  expect(read(list(3), "mug、 杯子，cup; mug")).toEqual(["mug", "杯子", "cup"]);
  expect(read(list(3), "")).toEqual([]);
  expect(read(list(2), "a,b,c")).toContain("at most 2");
});

it("reads the other kinds, and writes what it reads", () => {
  expect(read(line(5, { needed: true }), "  ")).toBe("Expected: some text.");
  expect(read(line(5), " a ")).toBe("a");
  expect(read(name, "wave-2")).toBe("wave-2");
  expect(read(name, "Wave 2")).toContain("lower-case");
  expect(read(decimal({ min: 0, max: 10 }), "0.5")).toBe(0.5);
  expect(read(decimal({ min: 0, max: 10 }), "11")).toContain("0 to 10");
  expect(read(choice("off", "ask"), "ask")).toBe("ask");
  expect(read(choice("off", "ask"), "auto")).toContain("one of those");
  expect([tick.toText(true), tick.toText(false)].map((text) => read(tick, text))).toEqual([true, false]);
});
