import { expect, test } from "vitest";
import { columns } from "./columns";

test.each([
  ["", 0],
  ["Mug, stoneware", 14],
  ["Café", 4],
  ["茉莉花茶", 8],
  ["茶 100 g", 8],
  ["𠮷", 2],
])("%s takes %d columns", (text, width) => {
  expect(columns(text)).toBe(width);
});
