import { describe, expect, test } from "vitest";
import { NO_TRAIL, placeOf, type Step, stepTo, type Trail, trailOf } from "./runorder";

const shelf = ["TEA-001", "SNK-101", "KIT-201"];

const stepFrom = (listed: readonly string[], spotlight: string | null, step: Step, trail: Trail = NO_TRAIL) =>
  stepTo(listed, placeOf(listed, spotlight, trailOf(listed, spotlight, trail)), step);

describe("a step through the show", () => {
  test("leads to the neighbour on the shelf", () => {
    expect(stepFrom(shelf, "SNK-101", "next")).toBe("KIT-201");
    expect(stepFrom(shelf, "SNK-101", "previous")).toBe("TEA-001");
  });

  test("ends at the ends", () => {
    expect(stepFrom(shelf, "KIT-201", "next")).toBeNull();
    expect(stepFrom(shelf, "TEA-001", "previous")).toBeNull();
  });

  test("begins with the first product where nothing on the shelf has been on yet", () => {
    expect(stepFrom(shelf, null, "next")).toBe("TEA-001");
    expect(stepFrom(shelf, "GONE", "next")).toBe("TEA-001");
    expect(stepFrom(shelf, null, "previous")).toBeNull();
  });

  test("leads nowhere on an empty shelf", () => {
    expect(stepFrom([], null, "next")).toBeNull();
  });
});

describe("when what was on leaves the shelf", () => {
  const on = trailOf(["A", "B", "C", "D", "E"], "C", NO_TRAIL);

  test("the show goes on with what followed, and back to what came before", () => {
    for (const spotlight of ["C", null]) {
      expect(stepFrom(["A", "B", "D", "E"], spotlight, "next", on)).toBe("D");
      expect(stepFrom(["A", "B", "D", "E"], spotlight, "previous", on)).toBe("B");
    }
  });

  test("also where its neighbours have gone with it", () => {
    expect(stepFrom(["A", "E"], null, "next", on)).toBe("E");
    expect(stepFrom(["A", "E"], null, "previous", on)).toBe("A");
  });

  test("nothing follows the last one, until something new is listed behind it", () => {
    expect(stepFrom(["A", "B"], null, "next", on)).toBeNull();
    expect(stepFrom(["A", "B", "NEW"], null, "next", on)).toBe("NEW");
    expect(stepFrom(["X", "Y"], null, "next", on)).toBe("X");
  });

  test("a spotlight that was taken away alone leaves the show after that product", () => {
    const listed = ["A", "B", "C", "D", "E"];
    expect(stepFrom(listed, null, "next", on)).toBe("D");
    expect(stepFrom(listed, null, "previous", on)).toBe("C");
  });
});

test("knows the place of what is spotlit", () => {
  expect(placeOf(shelf, "KIT-201", NO_TRAIL)).toEqual({ before: 1, on: 2, next: 3 });
  expect(placeOf(shelf, null, NO_TRAIL)).toEqual({ before: -1, on: -1, next: 0 });
  expect(placeOf(shelf, "GONE", NO_TRAIL)).toEqual({ before: -1, on: -1, next: 0 });
});
