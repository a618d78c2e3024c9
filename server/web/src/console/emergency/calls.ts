/** The emergency calls: to freeze and thaw, and to begin, pause, go on with or end a room's show. Each says first what the
 * server worked out that it will do. */

import type { ReadonlySignal } from "@preact/signals";
import { t } from "../../shared/i18n";
import { type Answer, answerOf, answerOfWrite } from "../api/client";
import type { FreezeDone, RoomStatus, StatusDone } from "../api/schema";
import type { Console } from "../console";
import type { Operation } from "../operations/operation";
import { unreadText } from "../operations/problem";
import { may } from "../rights";
import { freezeSays, type Step, statusSays } from "./effectWords";
import { type Names, scopeBody, type Target, targetName } from "./target";

type Asked<T> = ReadonlySignal<Answer<T> | null>;

/** What a room may become from where it is, and what that is called. */
export const STEPS: Readonly<Record<RoomStatus, readonly Step[]>> = {
  scheduled: ["begin"],
  live: ["pause", "end"],
  paused: ["resume", "end"],
  ended: ["continue", "begin"],
};

const STATUS_OF: Readonly<Record<Step, RoomStatus>> = {
  begin: "live",
  continue: "live",
  resume: "live",
  pause: "paused",
  end: "ended",
};

/** What SKUs and rooms are called, as things are now. */
export function namesOf(it: Console): Names {
  const title = () => it.kept.room.value.value?.title;
  return { titleOf: (sku) => it.titleOf(sku), roomOf: (room) => (room === it.room && title()) || room };
}

/** What a freeze of this would reach now. */
export function freezeReach(it: Console, target: Target): Promise<Answer<FreezeDone>> {
  const params = { path: { pool: it.pool } };
  const body = { scope: scopeBody(target), dry_run: true };
  // A thaw takes less of its caller than a freeze, and reaches the same.
  return answerOf(it.api.POST("/v1/pools/{pool}/emergencies/thaw", { params, body }));
}

/** Freeze it, or let it go on. `asked` is the outlook of it, `reason` what is written beside it. */
export function freezeCall(
  it: Console,
  target: Target,
  frozen: boolean,
  asked: Asked<FreezeDone>,
  reason: () => string = () => "",
): Operation {
  const way = frozen ? "freeze" : "thaw";
  const names = namesOf(it);
  const mayFreeze = () => may(it.login.session.value, "freeze");
  return {
    label: t(`emergency.${way}`),
    says: () => saidOf(asked.value, (reach) => freezeSays(target, frozen, reach, names)),
    hindered: () => (frozen && !mayFreeze() ? t("emergency.operators_alone") : hindranceOf(asked.value)),
    done: t(`emergency.${way}.done`, { what: targetName(target, names) }),
    run: (key) => {
      const params = { path: { pool: it.pool } };
      const body = { scope: scopeBody(target), id: key, reason: reason().trim() };
      return answerOfWrite<unknown>(() =>
        frozen
          ? it.api.POST("/v1/pools/{pool}/emergencies/freeze", { params, body })
          : it.api.POST("/v1/pools/{pool}/emergencies/thaw", { params, body }),
      );
    },
  };
}

/** What a step of a room's show would do now, or why it cannot be taken. */
export function stepReach(it: Console, room: string, step: Step): Promise<Answer<StatusDone>> {
  const body = { ...stepBody(step), dry_run: true };
  return answerOf(it.api.POST("/v1/rooms/{room}/status", { params: { path: { room } }, body }));
}

/** Take a step of a room's show. `title` is what the room is called. */
export function stepCall(it: Console, room: string, title: string, step: Step, asked: Asked<StatusDone>): Operation {
  return {
    label: t(`emergency.step.${step}`),
    says: () => saidOf(asked.value, (effect) => statusSays(step, title, effect)),
    hindered: () => refusedStep(asked.value) || hindranceOf(asked.value),
    done: t(`emergency.step.${step}.done`, { room: title }),
    final: step === "end",
    ...(step === "end" ? { sure: t("emergency.step.end.sure") } : {}),
    run: (key) => {
      const body = { ...stepBody(step), id: key };
      return answerOfWrite(() => it.api.POST("/v1/rooms/{room}/status", { params: { path: { room } }, body }));
    },
  };
}

function stepBody(step: Step): { status: RoomStatus; continue_show?: boolean } {
  return step === "continue" ? { status: "live", continue_show: true } : { status: STATUS_OF[step] };
}

function saidOf<T>(answer: Answer<T> | null, says: (value: T) => string): string {
  return answer?.ok ? says(answer.value) : t("emergency.asking");
}

/** Why the room's show does not allow a step; "" where that is not what stands against it. */
function refusedStep(answer: Answer<unknown> | null): string {
  if (answer?.ok !== false || answer.status !== 409) return "";
  if (answer.problem.field === "continue_show") return t("emergency.step.continue.refused");
  return answer.problem.field === "status" ? t("emergency.step.refused") : "";
}

/** Why a call cannot be made: the server has not said yet what it will do, or has refused. */
function hindranceOf(answer: Answer<unknown> | null): string {
  if (answer === null) return t("emergency.asking");
  return answer.ok ? "" : unreadText(answer.problem, answer.status);
}
