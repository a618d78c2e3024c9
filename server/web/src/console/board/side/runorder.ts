/** The order of the run as it is arranged here. Pure. */

import type { Room, Slot } from "../../api/schema";

export type Slots = Room["run_order"];
type Place = string | Slot;

export function skuOf(place: Place): string {
  return typeof place === "string" ? place : place.sku;
}

/** The places with the one at `from` brought to `to`; as they were, where there is no such place. */
export function moved<T>(places: readonly T[], from: number, to: number): readonly T[] {
  const one = places[from];
  if (one === undefined || from === to || to < 0 || to >= places.length) return places;
  const rest = places.filter((_, place) => place !== from);
  return [...rest.slice(0, to), one, ...rest.slice(to)];
}

/** What is arranged where a room has no order of its own: the shelf as it stands. */
export function placesOf(order: Slots, shelf: readonly string[]): Slots {
  return order.length > 0 ? order : [...shelf];
}

export function isSame(a: Slots, b: Slots): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
