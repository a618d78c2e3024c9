import { expect, it } from "vitest";
import { ledTo } from "./keys";

const SIZE = { rows: 50, columns: 6, page: 10 };
const key = (name: string) => ({
  key: name.replace("Ctrl ", ""),
  ctrlKey: name.startsWith("Ctrl "),
  metaKey: false,
  altKey: false,
});

it.each([
  ["ArrowDown", 0, 2, 1, 2],
  ["ArrowDown", 49, 2, 49, 2],
  ["ArrowUp", 0, 2, -1, 2],
  ["ArrowUp", -1, 2, -1, 2],
  ["ArrowRight", 3, 5, 3, 5],
  ["ArrowLeft", 3, 0, 3, 0],
  ["ArrowLeft", 3, 4, 3, 3],
  ["Home", 3, 4, 3, 0],
  ["End", 3, 4, 3, 5],
  ["Ctrl Home", 3, 4, 0, 0],
  ["Ctrl End", 3, 4, 49, 5],
  ["Ctrl ArrowDown", 3, 4, 49, 4],
  ["Ctrl ArrowLeft", 3, 4, 3, 0],
  ["PageDown", 3, 4, 13, 4],
  ["PageDown", -1, 4, 10, 4],
  ["PageDown", 45, 4, 49, 4],
  ["PageUp", 45, 4, 35, 4],
  ["PageUp", 3, 4, 0, 4],
])("%s leads from row %i, column %i to row %i, column %i", (name, row, column, toRow, toColumn) => {
  expect(ledTo(key(name), { row, column }, SIZE)).toEqual({ row: toRow, column: toColumn });
});

it("leads nowhere with another key, or in an empty table beyond its header", () => {
  expect(ledTo(key("a"), { row: 0, column: 0 }, SIZE)).toBeNull();
  expect(ledTo({ ...key("ArrowDown"), altKey: true }, { row: 0, column: 0 }, SIZE)).toBeNull();
  expect(ledTo(key("ArrowDown"), { row: -1, column: 0 }, { ...SIZE, rows: 0 })).toEqual({ row: -1, column: 0 });
});
