/** What somebody did, in words with units. Pure but for the page's language. */

import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { ActionItem } from "../../api/schema";
import { placeText } from "../../unitPlaces";

/** What an action is told by: as in the list of actions, or as much of it as an event has. */
export type Told = Pick<ActionItem, "id" | "kind" | "subject" | "room" | "what" | "undoes"> &
  Partial<Pick<ActionItem, "effect" | "rows" | "fields" | "text">>;

/** What the words are made with. */
export interface Names {
  readonly titleOf: (sku: string) => string;
  /** What an action was, by its id: for one that takes it back. */
  readonly actionOf: (id: string) => Told | undefined;
  /** What the event of this kind that belongs to the action has told besides, such as a room's new status. */
  readonly dataOf: (action: Told) => Readonly<Record<string, unknown>> | undefined;
  readonly roomOf: (room: string) => string;
}

/** An undo of an undo of an undo … is told so deep; then it is "an action". */
const DEPTH_MAX = 4;
const FIELDS_MAX = 5;
/** So much of a reservation's id tells it from the others here. */
const ORDER_SHOWN = 8;
const KINDS = {
  /** One SKU's units, from somewhere to somewhere. */
  moves: [
    "receive",
    "carve",
    "allocate",
    "release_elastic",
    "return",
    "quarantine",
    "write_off",
    "release_lot",
    "pull_lot",
  ],
  orders: ["ship", "cancel_paid", "fulfil", "settle", "external"],
  /** What is asked back of a reservation; no unit moves. */
  refunds: ["refund_request", "decline_refund", "refund_only"],
  others: [
    "count",
    "quota",
    "open_batch",
    "close_batch",
    "catalogue",
    "listings",
    "receipt",
    "apply_proposal",
    "dismiss_proposal",
    "decide",
  ],
} as const;
/** All kinds that have a sentence of their own. */
export const KINDS_TOLD: readonly string[] = [
  ...KINDS.moves,
  ...KINDS.orders,
  ...KINDS.refunds,
  ...KINDS.others,
  ...["freeze", "unfreeze", "status", "spotlight", "define", "unlist", "notice", "cue", "undo"],
];

/** The sentence of an action. */
export function actionText(action: Told, names: Names, depth = 0): string {
  const { kind } = action;
  switch (kind) {
    case "undo":
      return undoText(action, names, depth);
    case "freeze":
    case "unfreeze":
      return t(`action.${kind}`, { what: scopeText(action, names) });
    case "define":
    case "unlist":
      return definitionText(action, names);
    case "status":
      return statusText(action, names);
    case "spotlight":
      return spotlightText(action, names);
    case "notice":
    case "cue":
      return action.text ? t(`action.${kind}`, { text: action.text }) : t(`action.${kind}.none`);
    default:
      return KINDS_TOLD.includes(kind)
        ? unitsText(action, names)
        : t("action.other", { kind, subject: action.subject });
  }
}

function unitsText({ kind, subject, effect = [], rows = 0 }: Told, { titleOf }: Names): string {
  const units = effect.reduce((sum, { qty }) => sum + qty, 0);
  const [first] = effect;
  const skus = new Set(effect.map(({ sku }) => sku)).size;
  const values = {
    subject,
    order: subject.length > ORDER_SHOWN ? `${subject.slice(0, ORDER_SHOWN)}…` : subject,
    title: titleOf(first?.sku ?? subject),
    units: count(units),
    count: skus,
    skus: count(skus),
    rows: count(rows),
    from: placeText(first?.source ?? ""),
    to: placeText(first?.target ?? ""),
  };
  // Of an event the units are not known.
  if (first === undefined && KINDS.moves.some((move) => move === kind)) return t("action.moved", values);
  if (first === undefined && KINDS.orders.some((order) => order === kind)) return t("action.order", values);
  return t(`action.${kind}`, values);
}

function undoText(action: Told, names: Names, depth: number): string {
  const undone = depth < DEPTH_MAX ? names.actionOf(action.undoes) : undefined;
  if (undone === undefined) return t("action.undo", { what: action.subject });
  if (undone.kind !== "undo") return t("action.undo", { what: actionText(undone, names, depth + 1) });
  const again = names.actionOf(undone.undoes);
  return t("action.redo", { what: again ? actionText(again, names, depth + 2) : action.subject });
}

/** What a freeze is over. */
function scopeText({ what, subject }: Told, { titleOf, roomOf }: Names): string {
  if (what === "pool") return t("scope.pool");
  if (what === "room") return t("scope.room", { name: roomOf(subject) });
  if (what === "channel") return t("scope.channel", { name: subject });
  return titleOf(subject);
}

function definitionText({ kind, what, subject, room, fields = [] }: Told, names: Names): string {
  const name =
    what === "sku" || what === "listing" ? names.titleOf(subject) : what === "room" ? names.roomOf(subject) : subject;
  const thing = name === what || name === "" ? t(`what.${what}`) : t("what.named", { what: t(`what.${what}`), name });
  if (kind === "unlist") {
    return what === "listing"
      ? t("action.unlist", { title: name, room: names.roomOf(room) })
      : t("action.removed", { thing });
  }
  if (fields.length === 0) return t("action.define.some", { thing });
  const shown = fields.slice(0, FIELDS_MAX).map(fieldText).join(t("list.comma"));
  return t("action.define", { thing, fields: fields.length > FIELDS_MAX ? `${shown} …` : shown });
}

/** A field of a definition in words; one that has none, by its name. */
export function fieldText(field: string): string {
  const text = t(`field.${field}`);
  return text === `field.${field}` ? field : text;
}

function statusText(action: Told, names: Names): string {
  const data = names.dataOf(action);
  const room = names.roomOf(action.room || action.subject);
  if (typeof data?.status !== "string") return t("action.status.some", { room });
  return t("action.status", { room, status: t(`status.${data.status}`) });
}

function spotlightText(action: Told, names: Names): string {
  const data = names.dataOf(action);
  const room = names.roomOf(action.room || action.subject);
  const sku = data?.sku;
  if (typeof sku !== "string") return t("action.spotlight.some", { room });
  return sku === "" ? t("action.spotlight.none", { room }) : t("action.spotlight", { room, title: names.titleOf(sku) });
}

/** Why an action cannot be undone now: the page's word for the server's code, else the server's sentence. */
export function whyNotText({ why_not, reason }: Pick<ActionItem, "why_not" | "reason">): string {
  const text = t(`undo.why.${why_not}`, { reason });
  return text === `undo.why.${why_not}` ? reason : text;
}
