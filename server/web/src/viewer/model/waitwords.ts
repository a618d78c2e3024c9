/** What there is to say of a place on a waitlist, in the page's language. */

import type { Place } from "@shelfcast/client";
import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import type { WaitTold } from "./waits";

/** Why nothing is given at the moment, where there are words for it. */
const STOPPED = ["FROZEN", "PAUSED"];

/** Where it stands among those who wait: a band, as the server tells it. */
export function bandText({ last }: Pick<Place, "last">): string {
  return t("wait.band", { last: count(last) });
}

/** Why nothing is given at the moment, and that the place stays; "" while it goes on. */
export function stoppedText(place: Pick<Place, "stopped" | "last">): string {
  const { stopped } = place;
  if (stopped === null) return "";
  return t(`wait.stopped.${STOPPED.includes(stopped) ? stopped : "OTHER"}`, { band: bandText(place) });
}

/** How many wait, in a room; "" where nobody does. */
export function peopleText(people: number): string {
  return people > 0 ? t("wait.people", { count: people, shown: count(people) }) : "";
}

/** A sentence, and how many wait behind it. */
export function withPeople(sentence: string, people: number): string {
  const other = peopleText(people);
  return other === "" ? sentence : t("wait.two_sentences", { one: sentence, other });
}

/** What is said aloud of what happened to a place. */
export function waitSentence({ kind, wish, place, saying }: WaitTold, title: string): string {
  if (place === null) return saying === null ? "" : `${title}: ${t(saying.key, saying.values)}`;
  const words = { title, count: wish.qty, band: bandText(place), why: stoppedText(place) };
  return t(`said.wait_${kind}`, words);
}
