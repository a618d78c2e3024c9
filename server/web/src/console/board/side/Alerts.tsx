/** The alerts of the room's show, gravest first: what each is about, what to do and what that does in units. */

import { signal } from "@preact/signals";
import type { Alert, AlertAction } from "@shelfcast/client/backstage";
import { useState } from "preact/hooks";
import { useSecond } from "../../../shared/clock";
import { age, clockTime, count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { byUrgency, isAside, nameOf, SNOOZE_MINUTES } from "../../../staff/alerts";
import { aboutText, adviceText, effectText, ruleText } from "../../../staff/alertWords";
import { toChecklist } from "../../before/steps";
import { acknowledgeAlert, snoozeAlert } from "../../operations/alerts";
import { Perform } from "../../operations/Perform";
import { answerAlert } from "../../operations/show";
import { SeverityMark } from "../LevelMark";
import { useBoard, useTitle } from "../model";
import { useKept } from "./kept";
import { StillList } from "./stilllist";

/** Cards in the list; the rest is counted. */
const SHOWN_MAX = 50;

export function Alerts() {
  const { facts, it } = useBoard();
  const second = useSecond().value;
  const [still] = useState(() => new StillList<Alert>());
  const sorted = byUrgency(facts.alerts.value, it.stage?.spotlight.value ?? null, second);
  const alerts = still.order(sorted);
  const ringing = sorted.filter((alert) => alert.state === "firing" && !isAside(alert, second)).length;
  return (
    <section
      class="side-alerts"
      aria-labelledby="board-alerts"
      onPointerEnter={() => still.hold("pointer")}
      onPointerLeave={() => still.release("pointer")}
      onFocusIn={() => still.hold("focus")}
      onFocusOut={() => still.release("focus")}
    >
      <h2 id="board-alerts">
        {t("alerts.title")} <span class="quiet">{ringing > 0 ? count(ringing) : ""}</span>
      </h2>
      {sorted.length === 0 && <p class="quiet">{t("alerts.none")}</p>}
      <ul>
        {alerts.slice(0, SHOWN_MAX).map((alert) => (
          <AlertCard key={alert.id} alert={alert} second={second} isOver={still.isOver(alert.id)} />
        ))}
      </ul>
      {alerts.length > SHOWN_MAX && <p class="quiet">{t("alerts.more", { more: count(alerts.length - SHOWN_MAX) })}</p>}
    </section>
  );
}

interface CardProps {
  readonly alert: Alert;
  readonly second: number;
  /** It is no more, and keeps its place until the hand is gone. */
  readonly isOver: boolean;
}

function AlertCard({ alert, second, isOver }: CardProps) {
  const board = useBoard();
  const { it, facts } = board;
  const [open, setOpen] = useState("");
  const title = useTitle(alert.sku);
  const name = aboutText(alert, title);
  const left = facts.live.shown(alert.sku)?.available ?? alert.remaining;
  const link = facts.live.shown(alert.sku)?.link ?? null;
  const turn = (part: string) => setOpen(open === part ? "" : part);
  const isRinging = !isOver && alert.state === "firing" && !isAside(alert, second);
  return (
    <li class="side-alert" data-severity={alert.severity} data-ringing={isRinging}>
      <div class="side-alert-head">
        <SeverityMark name={alert.severity} />
        <strong>{ruleText(alert)}</strong>
        <span class="visually-hidden">{t(`board.severity.${alert.severity}`)}</span>
        <span class="quiet side-since">{isOver ? t("board.alert.over") : sinceText(alert, second)}</span>
      </div>
      {alert.sku === "" ? (
        <p class="side-about">{name}</p>
      ) : (
        <p class="side-about">
          <button type="button" class="as-link" onClick={() => board.choose(alert.sku)}>
            {link !== null && <b>{link}</b>} {name}
          </button>{" "}
          <b class="digits">{t("alerts.left", { left: count(left) })}</b>
        </p>
      )}
      <p class="side-advice">{adviceText(alert)}</p>
      <div class="side-answers" inert={isOver}>
        {alert.rule === "gate" && (
          <button type="button" class="answer" onClick={toChecklist}>
            {t("board.alert.checklist")}
          </button>
        )}
        {alert.actions.map((action) => (
          <button
            key={action.id}
            type="button"
            class={action.done_by === null ? "answer" : "answer done"}
            aria-expanded={open === action.id}
            onClick={() => turn(action.id)}
          >
            {actionLabel(action)}
            {action.done_by !== null && ` ✓ ${nameOf(action.done_by)}`}
            <span class="visually-hidden">{`: ${name}`}</span>
          </button>
        ))}
        {alert.acknowledged_by === "" && (
          <button type="button" aria-expanded={open === "note"} onClick={() => turn("note")}>
            {t("alerts.acknowledge")}
            <span class="visually-hidden">{`: ${name}`}</span>
          </button>
        )}
        <button type="button" onClick={() => void it.doing.perform(snoozeAlert(it, alert, SNOOZE_MINUTES))}>
          {t("board.alert.snooze", { minutes: count(SNOOZE_MINUTES) })}
          <span class="visually-hidden">{`: ${name}`}</span>
        </button>
      </div>
      {open === "note" && <Acknowledge alert={alert} onDone={() => setOpen("")} />}
      {alert.actions
        .filter(({ id }) => id === open)
        .map((action) => (
          <Answer key={action.id} alert={alert} action={action} onDone={() => setOpen("")} />
        ))}
    </li>
  );
}

interface AnswerProps {
  readonly alert: Alert;
  readonly onDone: () => void;
}

/** An action with its effect in units, to be carried out. */
function Answer({ alert, action, onDone }: AnswerProps & { readonly action: AlertAction }) {
  const { it, facts } = useBoard();
  const label = actionLabel(action);
  // What is left now is known here; whom the units would serve is as it was when the alert rang.
  const asOfNow = ({ qty, serves, remaining_after: after, ...rest }: AlertAction): AlertAction => {
    const left = facts.live.metric(action.sku)?.remaining;
    const isMoved = serves !== null || qty === null || left === undefined;
    return { ...rest, qty, serves, remaining_after: isMoved ? after : left + qty };
  };
  const operation = useKept(
    () => answerAlert(it, alert, action, () => actionEffect(it.titleOf(action.sku), asOfNow(action)), label),
    `${action.id} ${action.done_by} ${action.qty}`,
  );
  return <Perform operation={operation} onDone={onDone} onCancel={onDone} />;
}

function Acknowledge({ alert, onDone }: AnswerProps) {
  const { it } = useBoard();
  const [note] = useState(() => signal(""));
  const operation = useKept(() => acknowledgeAlert(it, alert, () => note.peek()), alert.id);
  return (
    <div class="side-note">
      <label>
        {t("board.alert.note")}
        <input
          type="text"
          maxLength={200}
          value={note.value}
          onInput={(event) => {
            note.value = event.currentTarget.value;
          }}
        />
      </label>
      <Perform operation={operation} onDone={onDone} onCancel={onDone} />
    </div>
  );
}

function sinceText(alert: Alert, second: number): string {
  const parts = [];
  if (isAside(alert, second)) parts.push(t("alerts.aside", { wait: clockTime(alert.snoozed_until_ms - second) }));
  else if (alert.acknowledged_by !== "") parts.push(t("alerts.noted", { who: nameOf(alert.acknowledged_by) }));
  parts.push(t("board.alert.since", { age: age(Math.max(0, second - (alert.since_ms || alert.at_ms))) }));
  if (alert.unsteady) parts.push(t("alerts.unsteady"));
  if (alert.note !== "") parts.push(`“${alert.note}”`);
  return parts.join(" · ");
}

/** What an action is called, in a few words with its units. */
export function actionLabel({ id, qty, batch, target }: AlertAction): string {
  const units = qty === null ? "" : count(qty);
  if (id.startsWith("release_elastic")) return t("board.action.release", { units });
  if (id.startsWith("open_batch")) return t("board.action.open_batch", { batch: batch ?? "" });
  if (id === "allocate") return t("board.action.allocate", { units, target: target?.replace(/^channel:/, "") ?? "" });
  if (id === "spotlight") return t("board.action.spotlight");
  return id;
}

/** What it does, in units. */
function actionEffect(title: string, action: AlertAction): string {
  const kind = action.id.startsWith("release_elastic") ? "elastic" : "units";
  const effect = effectText(kind, action);
  return effect === "" || action.id === "spotlight"
    ? t("board.action.on", { title, left: count(action.remaining_after ?? 0) })
    : `${title}: ${effect}`;
}
