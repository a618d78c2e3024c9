/** The places that units are moved between, as people call them (the server's stock/places.py). */

import { t } from "../shared/i18n";

/** What a place begins with that has a name behind it, and its word. */
const NAMED: readonly (readonly [string, string])[] = [
  ["channel:", "channel"],
  ["batch:", "batch"],
  ["held:", "held"],
  ["sold:", "sold"],
  ["presale_held:", "held"],
  ["presale_sold:", "sold"],
  ["external_oversold:", "owed"],
];

/** A place in a sentence: "the pool", "channel live". */
export function placeInSentence(place: string): string {
  const named = NAMED.find(([prefix]) => place.startsWith(prefix));
  if (named !== undefined) return t(`ledger.place.${named[1]}`, { name: place.slice(named[0].length) });
  const word = t(`ledger.place.${place}`);
  return word === `ledger.place.${place}` ? place : word;
}

/** A place in a list of moves: "pool", "live". */
export function placeText(place: string): string {
  const [kind = "", name = ""] = place.split(":");
  const text = t(`place.${kind}`, { name });
  return text === `place.${kind}` ? place : text;
}
