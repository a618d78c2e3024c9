import { expect, it } from "vitest";
import { having, sorted } from "./sorting";

const ROWS = [
  { sku: "A", title: "链接 10", sold: 3 },
  { sku: "B", title: "链接 2", sold: null },
  { sku: "C", title: "Blue Mug", sold: 30 },
  { sku: "D", title: "Mug", sold: 3 },
];
const skus = (rows: readonly { sku: string }[]) => rows.map(({ sku }) => sku).join("");

it("sorts by number, what has none last either way, and equals as they were", () => {
  expect(skus(sorted(ROWS, ({ sold }) => sold, false))).toBe("ADCB");
  expect(skus(sorted(ROWS, ({ sold }) => sold, true))).toBe("CADB");
});

it("sorts titles with numbers in them by the number", () => {
  const titles = sorted(ROWS.slice(0, 2), ({ title }) => title, false);
  expect(skus(titles)).toBe("BA");
});

it("finds what has every word, in any letters", () => {
  const text = ({ title, sku }: (typeof ROWS)[number]) => `${title} ${sku}`;
  expect(skus(having(ROWS, text, " mug  BLUE "))).toBe("C");
  expect(skus(having(ROWS, text, "链接　１０"))).toBe("A");
  expect(having(ROWS, text, "  ")).toBe(ROWS);
});
