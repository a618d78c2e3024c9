import { describe, expect, it } from "vitest";
import { hue, initials } from "./monogram";

describe("the letters on a tile", () => {
  it.each([
    ["Jasmine pearl tea, 100 g", "Jp"],
    ["Humidifier, 2 l", "H"],
    ["LED bedside lamp", "Lb"],
    ["茉莉花茶 100克", "茉"],
    ["“Kite”, swallow", "Ks"],
    ["", "T"],
    ["!!!", "T"],
    ["Émile Ölçer", "Éö"],
    ["𠮷野家 便当", "𠮷"],
  ])("of %s are %s", (title, letters) => {
    expect(initials(title, "TEA-001")).toBe(letters);
  });
});

describe("the colour of a tile", () => {
  it("is of the SKU, always", () => {
    expect(hue("TEA-001")).toBe(hue("TEA-001"));
  });

  it("spreads over the circle", () => {
    const hues = new Set(Array.from({ length: 200 }, (_, number) => hue(`SKU-${number}`)));
    expect(hues.size).toBeGreaterThan(9);
  });
});
