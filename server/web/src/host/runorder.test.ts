import { describe, expect, test } from "vitest";
import { placeOf, stepTo } from "./runorder";

const shelf = ["TEA-001", "SNK-101", "KIT-201"];

describe("a step through the show", () => {
  test("leads to the neighbour on the shelf", () => {
    expect(stepTo(shelf, "SNK-101", "next")).toBe("KIT-201");
    expect(stepTo(shelf, "SNK-101", "previous")).toBe("TEA-001");
  });

  test("ends at the ends", () => {
    expect(stepTo(shelf, "KIT-201", "next")).toBeNull();
    expect(stepTo(shelf, "TEA-001", "previous")).toBeNull();
  });

  test("begins with the first product when nothing is spotlit, or something that is not on the shelf", () => {
    expect(stepTo(shelf, null, "next")).toBe("TEA-001");
    expect(stepTo(shelf, "GONE", "next")).toBe("TEA-001");
    expect(stepTo(shelf, null, "previous")).toBeNull();
  });

  test("leads nowhere on an empty shelf", () => {
    expect(stepTo([], null, "next")).toBeNull();
  });
});

test("knows the place of what is spotlit", () => {
  expect(placeOf(shelf, "KIT-201")).toBe(2);
  expect(placeOf(shelf, null)).toBe(-1);
  expect(placeOf(shelf, "GONE")).toBe(-1);
});
