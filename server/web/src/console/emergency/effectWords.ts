/** What a call will do, in words and units, from what the server worked out. */

import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import type { FreezeDone, InForce, StatusDone } from "../api/schema";
import { foundText } from "../operations/stage";
import { type Names, type Target, targetName } from "./target";

/** Calls about a room's show, by what they are called. */
export type Step = "begin" | "continue" | "resume" | "pause" | "end";

type Reach = Pick<FreezeDone, "skus" | "rooms" | "holds" | "units_held" | "viewers">;
type Effect = Pick<StatusDone, "skus" | "holds" | "units_held" | "viewers" | "waiting" | "gate">;

/** A number of things: "1 SKU", "2 SKUs". */
function some(what: "skus" | "rooms" | "viewers" | "units" | "people", number: number): string {
  return t(`emergency.${what}`, { count: number, n: count(number) });
}

/** What becomes of those who are at the checkout. */
function holdsStay({ holds, units_held }: Pick<Reach, "holds" | "units_held">): string {
  if (holds === 0) return t("emergency.no_holds");
  return t("emergency.holds", { count: holds, n: count(holds), units: some("units", units_held) });
}

/** What a freeze stops, or (thaw) lets go on. */
export function freezeSays(target: Target, frozen: boolean, reach: Reach, names: Names): string {
  const values = {
    what: targetName(target, names),
    skus: some("skus", reach.skus),
    rooms: some("rooms", reach.rooms.length),
    viewers: some("viewers", reach.viewers),
  };
  const stops = t(`emergency.${frozen ? "freeze" : "thaw"}.${target.scope}`, values);
  return t("emergency.sentences", { first: stops, second: frozen ? holdsStay(reach) : t("emergency.thaw.others") });
}

/** What a step of a room's show does. */
export function statusSays(step: Step, room: string, effect: Effect): string {
  const values = { room, skus: some("skus", effect.skus), viewers: some("viewers", effect.viewers) };
  const first = t(`emergency.step.${step}.says`, values);
  const second = step === "pause" || step === "end" ? holdsStay(effect) : "";
  const key = `emergency.step.${step}.waiting`;
  const third = effect.waiting === 0 ? "" : t(key, { people: some("people", effect.waiting) });
  const sentences = [first, second, third, foundText(effect.gate)].filter((each) => each !== "");
  return sentences.reduce((all, each) => t("emergency.sentences", { first: all, second: each }));
}

/** What is in force, in a few words. */
export function inForceName(it: InForce, names: Names): string {
  if (it.kind === "paused") return t("emergency.force.paused", { room: names.roomOf(it.name) });
  return t("emergency.force.frozen", { what: targetName({ scope: it.scope, name: it.name }, names) });
}

/** Since when, by whom and why, as far as it is known; `time` is the moment as it is shown. */
export function inForceSince({ by, reason }: InForce, time: string): string {
  const said = [
    time === "" ? t("emergency.force.long") : t("emergency.force.since", { time }),
    by === "" ? "" : t("emergency.force.by", { by }),
    reason === "" ? "" : t("emergency.force.reason", { reason }),
  ];
  return said.filter((each) => each !== "").join(t("emergency.force.and"));
}
