import { beforeEach, describe, expect, it } from "vitest";
import { age, clockTime, count, dateAndTime, percent, price } from "./format";
import { loadWords } from "./i18n";

const NO_WORDS = { en: {}, zh: {} };
const speak = (language: "en" | "zh") => loadWords(NO_WORDS, language);

beforeEach(() => speak("en"));

describe("a price", () => {
  it.each([
    [129900, "CNY", "CN¥1,299.00", "¥1,299.00"],
    [5, "USD", "$0.05", "US$0.05"],
    [1299, "JPY", "¥1,299", "JP¥1,299"],
    [1234, "KWD", "KWD 1.234", "KWD 1.234"],
    [150000, "IDR", "IDR 1,500.00", "IDR 1,500.00"],
    [1234, "IQD", "IQD 1.234", "IQD 1.234"],
    [0, "EUR", "€0.00", "€0.00"],
  ])("of %d minor units of %s has that currency's decimals and sign", (minor, currency, english, chinese) => {
    expect(price(minor, currency).replace("\u00a0", " ")).toBe(english);
    speak("zh");
    expect(price(minor, currency).replace("\u00a0", " ")).toBe(chinese);
  });

  it("in a currency that is none keeps the number and the name", () => {
    expect(price(1299, "??")).toBe("12.99 ??");
  });
});

it("groups thousands, and writes shares as per cent", () => {
  expect(count(1234567)).toBe("1,234,567");
  expect(percent(0.256)).toBe("26%");
});

describe("a countdown", () => {
  it.each([
    [299_001, "05:00"],
    [299_000, "04:59"],
    [1, "00:01"],
    [0, "00:00"],
    [-5_000, "00:00"],
    [3_600_000, "1:00:00"],
    [36_061_000, "10:01:01"],
  ])("of %d ms reads %s", (ms, text) => expect(clockTime(ms)).toBe(text));
});

describe("a moment that is days away", () => {
  const year = new Date().getFullYear();

  it("is told by its day and its time", () => {
    const at = new Date(year, 10, 29, 20, 5).getTime();
    expect(dateAndTime(at)).toMatch(/29.*(20:05|08:05)/);
    speak("zh");
    expect(dateAndTime(at)).toBe("11月29日 20:05");
  });

  it("is told with its year where that is another one", () => {
    const at = new Date(year + 1, 0, 2, 9, 0).getTime();
    expect(dateAndTime(at)).toContain(String(year + 1));
    expect(dateAndTime(new Date(year, 0, 2).getTime())).not.toContain(String(year));
  });
});

it("a moment beyond the dates of a browser has no date", () => {
  const LAST_MS = 8_640_000_000_000_000;
  expect(dateAndTime(LAST_MS)).toContain("275760");
  expect([LAST_MS + 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER].map(dateAndTime)).toEqual(["", "", ""]);
});

describe("an age", () => {
  it.each([
    [12_900, "12 seconds", "12秒钟"],
    [1_000, "1 second", "1秒钟"],
    [59_999, "59 seconds", "59秒钟"],
    [60_000, "1 minute", "1分钟"],
    [7_200_000, "2 hours", "2小时"],
  ])("of %d ms is told in its largest unit", (ms, english, chinese) => {
    expect(age(ms)).toBe(english);
    speak("zh");
    expect(age(ms)).toBe(chinese);
  });

  it("below a second is no number", () => {
    expect(age(999)).toBe("less than a second");
  });
});
