/** Whether a product can be bought at a moment, whoever asks, and what is true of its count then. Pure. */

import type { Level, RoomStatus, SkuView } from "@shelfcast/client";

/** Only what is `open` can be reserved: the book refuses the rest, whoever asks. */
export type Sale = "open" | "coming" | "paused" | "over";

const OFF_AIR = ["scheduled", "paused", "ended"] as const;

/** The room's state where nothing is sold in it, else null. A status of a newer server is no reason to say so. */
export function offAir(status: RoomStatus): (typeof OFF_AIR)[number] | null {
  return OFF_AIR.find((off) => off === status) ?? null;
}

export function saleOf(
  { opens_at_ms, closes_at_ms }: Pick<SkuView, "opens_at_ms" | "closes_at_ms">,
  status: RoomStatus,
  nowMs: number,
): Sale {
  const off = offAir(status);
  if (off === "ended" || (closes_at_ms !== null && closes_at_ms <= nowMs)) return "over";
  if (off !== null) return off === "paused" ? "paused" : "coming";
  return opens_at_ms !== null && nowMs < opens_at_ms ? "coming" : "open";
}

/** The level that may be shown: "last ones" and the like are said to buyers only, and what is sold out stays so. */
export function levelToShow(level: Level, sale: Sale): Level | null {
  if (sale === "open" || level === "sold_out") return level;
  return sale !== "over" && (level === "all_held" || level === "frozen") ? level : null;
}
