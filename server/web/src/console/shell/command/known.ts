/** What the command line may name, as it is now: read at each letter, and when something of it has come (`comesTo`). */

import type { Console } from "../../console";
import type { Known } from "./commands";

/** What changes when there is something else to name: whoever reads it is drawn anew then, and not by every unit sold. */
export function comesTo(it: Console): readonly unknown[] {
  const { batches, channels, skus } = it.kept;
  return [
    batches.value.value,
    channels.value.value,
    skus.value.value,
    it.stage?.shelf.value,
    it.stage?.connection.value.current,
    it.live.connection.value.current,
  ];
}

export function knownOf(it: Console): Known {
  const links = new Map<number, string>();
  const titles = new Map<string, string>();
  for (const { sku, title } of it.kept.skus.value.peek() ?? []) titles.set(sku, title);
  for (const sku of it.live.pool.units.keys()) if (!titles.has(sku)) titles.set(sku, "");
  for (const [sku, { title, link }] of it.stage?.room.stock ?? []) {
    if (title) titles.set(sku, title);
    if (link !== null) links.set(link, sku);
  }
  const batches = it.kept.batches.value.peek() ?? [];
  return {
    links,
    skus: [...titles].map(([sku, title]) => ({ sku, title })),
    channels: (it.kept.channels.value.peek() ?? []).map(({ channel }) => channel),
    batches: batches.filter(({ opened_at_ms }) => opened_at_ms === 0).map(({ batch }) => batch),
  };
}
