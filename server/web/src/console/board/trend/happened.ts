/** What happened that a trend can be explained by: on air, units put up, batches, freezes, terms, the show's status. */

import type { ActionRow } from "@shelfcast/client/pool";

export type HappenedKind = "on_air" | "units" | "batch" | "freeze" | "thaw" | "terms" | "status" | "undone" | "alert";

export interface Happened {
  readonly n: number;
  readonly atMs: number;
  readonly kind: HappenedKind;
  /** What is said of it: a key of the words, and who did it. */
  readonly says: string;
  readonly value: string;
  readonly actor: string;
}

/** Kinds of actions that put units somewhere. */
const UNITS: ReadonlySet<string> = new Set([
  "receive",
  "allocate",
  "write_off",
  "carve",
  "release_elastic",
  "release_lot",
  "count",
  "quota",
  "return",
  "release",
]);

/** What one event was for `sku`, or (null) for the whole room; null where it explains nothing there. */
export function happened(event: ActionRow, room: string, sku: string | null): Happened | null {
  const { n, at_ms: atMs, type, subject, data, actor } = event;
  const of = (kind: HappenedKind, says: string, value = ""): Happened => ({ n, atMs, kind, says, value, actor });
  const text = (name: string) => (typeof data[name] === "string" ? (data[name] as string) : "");
  const isOurs = event.room === "" || event.room === room;
  switch (type) {
    case "status":
      return event.room === room ? of("status", `status.${text("status")}`) : null;
    case "spotlight": {
      if (event.room !== room) return null;
      if (sku === null) return of("on_air", text("sku") === "" ? "off_air" : "on_air", text("sku"));
      if (text("sku") === sku) return of("on_air", "on_air", sku);
      return text("before") === sku ? of("on_air", "off_air", sku) : null;
    }
    case "frozen":
    case "unfrozen": {
      const isAbout = text("scope") === "sku" ? sku === null || subject === sku : isOurs;
      return isAbout ? of(type === "frozen" ? "freeze" : "thaw", type, subject) : null;
    }
    case "batch_opened":
    case "batch_closed":
      return of("batch", type, subject);
    case "definition":
      return text("what") === "listing" && text("parent") === room && (sku === null || text("key") === sku)
        ? of("terms", "terms", text("key") || subject)
        : null;
    case "action":
    case "undone":
      if (!isOurs || (sku !== null && subject !== sku)) return null;
      if (type === "undone") return of("undone", "undone", subject);
      return UNITS.has(text("kind")) ? of("units", "units", subject) : null;
    default:
      return null;
  }
}

/** Those that explain a trend since `sinceMs`, oldest first, the last `most` of them. */
export function explaining(
  events: readonly ActionRow[],
  room: string,
  sku: string | null,
  sinceMs: number,
  most: number,
): Happened[] {
  const found: Happened[] = [];
  for (let place = events.length - 1; place >= 0 && found.length < most; place -= 1) {
    const event = events[place];
    if (event === undefined || event.at_ms < sinceMs) break;
    const one = happened(event, room, sku);
    if (one !== null) found.push(one);
  }
  return found.reverse();
}
