/** The operation of a command: the same that a button carries out. */

import { t } from "../../../shared/i18n";
import { NO_TRAIL, placeOf, type Step, stepTo } from "../../../shared/runorder";
import type { Console } from "../../console";
import type { Operation } from "../../operations/operation";
import { cue, freezeSku, notice, spotlight, undo } from "../../operations/show";
import { allocate, openBatch, putOnSale, releaseElastic } from "../../operations/units";
import { actionText } from "../undo/actionwords";
import { namesOf } from "../undo/names";
import { lastOwn } from "../undo/own";
import type { Command } from "./commands";

/** What one of the page itself does. */
export type OfPage = Extract<Command, { kind: "go" | "help" }>;

/** The operation, or why there is none now. Commands that the page itself carries out are none. */
export function operationOf(it: Console, command: Exclude<Command, OfPage>): Operation | string {
  switch (command.kind) {
    case "put":
      return putOnSale(it, command.sku, command.units);
    case "spotlight":
      return spotlight(it, command.sku);
    case "freeze":
      return freezeSku(it, command.sku, !(it.live.units(command.sku).value?.frozen ?? false));
    case "elastic":
      return releaseElastic(it, command.sku, command.units);
    case "move":
      return allocate(it, command.sku, command.channel, command.units);
    case "cue":
      return cue(it, command.text, command.sku);
    case "notice":
      return notice(it, command.text);
    case "step":
      return stepped(it, command.step);
    case "batch":
      return openBatch(it, command.batch);
    case "undo":
      return undoOfOwn(it) ?? t("undo.nothing");
  }
}

function stepped(it: Console, step: Step): Operation | string {
  if (it.stage === null) return t("do.no_room");
  const order = it.kept.room.want().value?.run_order ?? [];
  const skus =
    order.length > 0 ? order.map((slot) => (typeof slot === "string" ? slot : slot.sku)) : it.stage.shelf.value;
  const sku = stepTo(skus, placeOf(skus, it.stage.spotlight.value, NO_TRAIL), step);
  return sku === null ? t("command.end") : spotlight(it, sku);
}

/** Those that are being taken back, so that a second Ctrl+Z takes the one before. */
const asked = new Set<string>();
const ASKED_MAX = 200;
/** What the name of an undo begins with, and then that of the action. */
const UNDO = "undo:";

/** Taking back one's own last action; null where there is none. */
export function undoOfOwn(it: Console): Operation | null {
  const last = ownLast(it);
  if (last === null) return null;
  const operation = undo(it, last.id, last.what);
  return {
    ...operation,
    run: async (key) => {
      asked.add(last.id);
      for (const old of asked) if (asked.size > ASKED_MAX) asked.delete(old);
      const answer = await operation.run(key);
      // What was refused can be asked for again; a redo is an action of its own.
      if (!answer.ok) asked.delete(last.id);
      return answer;
    },
  };
}

/** What was done last, which the list may not have yet: who is quick must not take back the one before. */
function ownLast(it: Console): { readonly id: string; readonly what: string } | null {
  const actions = it.kept.actions.want().value ?? [];
  const said = it.doing.said.value.find(({ action }) => action !== "");
  const isNews = said !== undefined && !said.action.startsWith(UNDO) && !asked.has(said.action);
  if (isNews && !actions.some(({ id }) => id === said.action)) return { id: said.action, what: said.text };
  const found = lastOwn(actions, it.login.session.value?.user ?? "", asked);
  return found === undefined ? null : { id: found.id, what: actionText(found, namesOf(it)) };
}
