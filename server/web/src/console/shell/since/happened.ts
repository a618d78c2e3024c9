/** What happened since a time: events and actions as one story. Pure but for the page's language. */

import type { ActionRow } from "@shelfcast/client/pool";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { aboutText, ruleText } from "../../../staff/alertWords";
import type { ActionItem } from "../../api/schema";
import { actionText, type Names, type Told } from "../undo/actionwords";

export interface Happened {
  readonly n: number;
  readonly atMs: number;
  /** "" where the book did it by itself. */
  readonly who: string;
  readonly text: string;
}

/** So much is told at most. */
export const TOLD_MAX = 200;

/** The newest first. What is an action is told once, by what was done; `actions` are those that are known with their units. */
export function happened(
  events: readonly ActionRow[],
  actions: readonly ActionItem[],
  sinceMs: number,
  names: Names,
): readonly Happened[] {
  const known = new Map(actions.map((action) => [action.id, action]));
  const since = events.filter(({ at_ms }) => at_ms >= sinceMs);
  const acted = new Set(since.filter(({ type }) => type === "action").map(({ action }) => action));
  return since
    .filter(({ type, action }) => type !== "undone" && (type === "action" || !acted.has(action)))
    .toSorted((a, b) => b.n - a.n)
    .slice(0, TOLD_MAX)
    .map((event) => {
      const { n, at_ms, actor, type } = event;
      const text =
        type === "action" ? actionText(known.get(event.action) ?? toldOf(event), names) : eventText(event, names);
      return { n, atMs: at_ms, who: actor, text };
    });
}

/** As much of an action as its event has: of what it moved the first rows. */
function toldOf({ action, room, subject, data }: ActionRow): Told {
  const text = (key: string) => (typeof data[key] === "string" ? data[key] : "");
  const rows = Array.isArray(data.effect) ? (data.effect as unknown[]) : [];
  const effect = rows.flatMap((row) => {
    if (!Array.isArray(row)) return [];
    const [sku, qty, source, target] = row as unknown[];
    return [{ sku: String(sku), qty: Number(qty), source: String(source), target: String(target) }];
  });
  const told = { kind: text("kind"), what: text("what"), undoes: text("undoes"), text: text("text") };
  return { id: action, room, subject, ...told, effect, rows: Number(data.rows ?? 0) };
}

function eventText({ type, room, subject, data, action }: ActionRow, names: Names): string {
  const told: Told = { id: action, kind: type, subject, room, what: "", undoes: "" };
  const here = { ...names, dataOf: () => data };
  switch (type) {
    case "status":
    case "spotlight":
      return actionText(told, here);
    case "frozen":
    case "unfrozen": {
      const what = data.scope === "sku" ? "" : String(data.scope ?? "");
      return actionText({ ...told, kind: type === "frozen" ? "freeze" : "unfreeze", what }, here);
    }
    case "definition": {
      const fields = Array.isArray(data.fields) ? data.fields.map(String) : [];
      const kind = data.dropped ? "unlist" : "define";
      return actionText(
        { ...told, kind, what: String(data.what ?? ""), subject: String(data.key || subject), fields },
        here,
      );
    }
    case "proposal":
      return t(`event.proposal.${data.state}`, { units: count(Number(data.units ?? 0)) });
    case "receipt":
      return t(`event.receipt.${data.state}`, { subject });
    case "report.ready":
      return t("event.report", { subject });
    case "continued":
      return t("event.continued");
    case "batch_opened":
    case "batch_closed":
      return t(data.missed ? "event.batch_missed" : `event.${type}`, { subject });
    case "alert.fired":
    case "alert.resolved":
    case "alert.acknowledged":
    case "alert.snoozed":
      return t(`event.${type}`, { what: alertOf(data, room, names) });
    default:
      return t("event.other", { type, subject });
  }
}

/** What an alert that an event is about says. */
function alertOf(data: ActionRow["data"], room: string, { titleOf }: Names): string {
  const sku = String(data.sku ?? "");
  const number = (key: string) => Number(data[key] ?? 0);
  const tier = number("tier_percent");
  const threshold = typeof data.threshold === "number" ? data.threshold : tier / 100;
  const rule = { rule: String(data.rule ?? ""), tier_percent: tier, threshold, value: number("value") };
  const show = String(data.show ?? "");
  return t("attention.alert", { title: aboutText({ sku, room, show }, titleOf(sku)), what: ruleText(rule) });
}
