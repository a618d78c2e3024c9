import { describe, expect, test } from "vitest";
import { PARTS, readAppearance } from "./parameters";

const read = (query: string) => readAppearance(new URLSearchParams(query));

describe("an overlay's address", () => {
  test("without parameters: everything, at the bottom left, in the colours of the style sheet", () => {
    const { appearance, complaints } = read("");
    expect(appearance).toEqual({
      accent: null,
      text: null,
      panel: null,
      position: "bottom-left",
      scale: 1,
      show: new Set(PARTS),
    });
    expect(complaints).toEqual([]);
  });

  test("takes colours with and without a hash, and with an alpha", () => {
    const { appearance, complaints } = read("accent=ff8800&text=%23FFF&panel=00000080");
    expect(appearance).toMatchObject({ accent: "#ff8800", text: "#FFF", panel: "#00000080" });
    expect(complaints).toEqual([]);
  });

  test.each(["red", "12345", "url(x)", "#ggg", "ff8800;}", ""])("passes over accent=%s and says so", (value) => {
    const { appearance, complaints } = read(new URLSearchParams({ accent: value }).toString());
    expect(appearance.accent).toBeNull();
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain("accent");
  });

  test("tells how a colour is written when its hash has cut the address short", () => {
    expect(read("accent=").complaints[0]).toContain('without "#"');
  });

  test.each(["0.5", "1.25", "3"])("takes scale=%s", (value) => {
    expect(read(`scale=${value}`)).toMatchObject({ appearance: { scale: Number(value) }, complaints: [] });
  });

  test.each(["0.49", "3.01", "-1", "big", "", "NaN", "Infinity"])("passes over scale=%s", (value) => {
    const { appearance, complaints } = read(`scale=${value}`);
    expect(appearance.scale).toBe(1);
    expect(complaints).toHaveLength(1);
  });

  test("takes a position, and keeps the default for one it does not know", () => {
    expect(read("position=top-right").appearance.position).toBe("top-right");
    expect(read("position=middle")).toMatchObject({ appearance: { position: "bottom-left" } });
    expect(read("position=middle").complaints).toHaveLength(1);
  });

  test("shows the named parts alone; a name it does not know is left out and told", () => {
    expect(read("show=bar,notice").appearance.show).toEqual(new Set(["bar", "notice"]));
    expect(read("show=none")).toEqual(expect.objectContaining({ complaints: [] }));
    expect(read("show=none").appearance.show).toEqual(new Set());
    const { appearance, complaints } = read("show=bar,logo");
    expect(appearance.show).toEqual(new Set(["bar"]));
    expect(complaints).toHaveLength(1);
  });

  test.each(["en", "zh", "zh-TW", "EN_gb"])("takes lang=%s", (value) => {
    expect(read(`lang=${value}`).complaints).toEqual([]);
  });

  test.each(["fr", "", "english"])("tells that it does not speak lang=%s", (value) => {
    expect(read(`lang=${value}`).complaints).toEqual([`lang="${value}" is none of en, zh`]);
  });

  test("names a parameter that is none, shortened", () => {
    const [complaint] = read(`${"a".repeat(500)}=1`).complaints;
    expect(complaint).toContain("aaa…");
    expect((complaint ?? "").length).toBeLessThan(200);
  });
});
