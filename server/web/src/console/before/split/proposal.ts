/** A proposal of the split, in words. */

import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { ProposalItem, ProposalMove } from "../../api/schema";
import { placeText } from "../../unitPlaces";

const HOUR = 60;
/** Longer than this, how long exactly does not matter any more: in minutes. */
const LONG = 24 * HOUR;
const CHANNEL = "channel:";

/** Where a proposal stands at a time: one that nobody has decided about lapses. */
export function stateOf({ state, lapses_at_ms }: Pick<ProposalItem, "state" | "lapses_at_ms">, nowMs: number) {
  return state === "open" && lapses_at_ms <= nowMs ? "lapsed" : state;
}

/** How long something lasts: 12 min, 3 h, more than a day; without end where nothing is sold. */
export function coverText(minutes: number | null): string {
  if (minutes === null) return t("before.cover.endless");
  if (minutes > LONG) return t("before.cover.long");
  if (minutes >= 2 * HOUR) return t("before.cover.hours", { count: Math.floor(minutes / HOUR) });
  return t("before.cover.minutes", { count: Math.floor(minutes) });
}

/** What a place is called. */
export function placeName(place: string, titleOf: (channel: string) => string): string {
  return place.startsWith(CHANNEL) ? titleOf(place.slice(CHANNEL.length)) : placeText(place);
}

/** What a move does to both of its places. */
export function coverChange(move: ProposalMove, end: "source" | "target"): string {
  const before = end === "source" ? move.source_minutes_before : move.target_minutes_before;
  const after = end === "source" ? move.source_minutes_after : move.target_minutes_after;
  return t("before.cover.change", { before: coverText(before), after: coverText(after) });
}

export function moveText(move: ProposalMove, title: string, titleOf: (channel: string) => string): string {
  const source = placeName(move.source, titleOf);
  const target = placeName(move.target, titleOf);
  return t("before.proposal.move", { title, units: count(move.qty), source, target });
}
