import { describe, expect, it } from "vitest";
import { type Hindrance, hindrance, type Terms } from "./hindrance";

const TERMS: Terms = {
  available: 3,
  held: 0,
  level: "ok",
  opens_at_ms: null,
  closes_at_ms: null,
  next_batch_at_ms: null,
};
const LIVE = { status: "live", nowMs: 1_000 } as const;
const ALL: readonly Hindrance[] = [
  "room_ended",
  "sale_ended",
  "room_scheduled",
  "room_paused",
  "not_open",
  "frozen",
  "all_held",
  "sold_out",
];

describe("what keeps a SKU from being bought", () => {
  it.each<[Partial<Terms>, "live" | "scheduled" | "paused" | "ended", Hindrance | null]>([
    [{}, "live", null],
    [{}, "scheduled", "room_scheduled"],
    [{}, "paused", "room_paused"],
    [{}, "ended", "room_ended"],
    [{ closes_at_ms: 1_000 }, "live", "sale_ended"],
    [{ closes_at_ms: 1_001 }, "live", null],
    [{ opens_at_ms: 1_001 }, "live", "not_open"],
    [{ opens_at_ms: 1_000 }, "live", null],
    [{ level: "frozen" }, "live", "frozen"],
    [{ level: "frozen", available: 0 }, "live", "frozen"],
    [{ level: "sold_out", available: 0 }, "live", "sold_out"],
    [{ level: "all_held", available: 0, held: 2 }, "live", "all_held"],
  ])("%j in a room that is %s: %s", (terms, status, found) => {
    expect(hindrance(ALL, { ...TERMS, ...terms }, { ...LIVE, status })).toBe(found);
  });

  it("is told by the count where a newer server says a level that is not known", () => {
    const scarce = { ...TERMS, level: "scarce" as Terms["level"] };
    expect(hindrance(ALL, scarce, LIVE)).toBeNull();
    expect(hindrance(ALL, { ...scarce, available: 0 }, LIVE)).toBe("sold_out");
    expect(hindrance(ALL, { ...scarce, available: 0, held: 1 }, LIVE)).toBe("all_held");
  });

  it("is the first of the page's own order, and none that the page does not ask for", () => {
    const gone = { ...TERMS, level: "sold_out" as const, available: 0 };
    expect(hindrance(["sold_out", "room_paused"], gone, { ...LIVE, status: "paused" })).toBe("sold_out");
    expect(hindrance(["room_paused", "sold_out"], gone, { ...LIVE, status: "paused" })).toBe("room_paused");
    expect(hindrance(["frozen"], gone, LIVE)).toBeNull();
  });
});
