/** What directs the show: spotlight, cues, notices, freezes of a SKU, and answers to alerts. */

import type { Alert, AlertAction } from "@shelfcast/client/pool";
import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import { type Answer, answerOfWrite } from "../api/client";
import type { Console } from "../console";
import { may, type Right } from "../rights";
import { type Operation, UNHINDERED } from "./operation";

/** Put a SKU in the spotlight, or (null) none. */
export function spotlight(it: Console, sku: string | null): Operation {
  const title = sku === null ? "" : it.titleOf(sku);
  return {
    label: t("do.spotlight"),
    says: () =>
      sku === null ? t("do.spotlight.none") : t("do.spotlight.says", { title, left: count(it.leftOf(sku)) }),
    hindered: () => (it.room === "" ? t("do.no_room") : ""),
    done: sku === null ? t("do.spotlight.none_done") : t("do.spotlight.done", { title }),
    run: (key) => {
      const params = { path: { room: it.room }, header: { "Idempotency-Key": key } };
      return answerOfWrite(() => it.api.PATCH("/v1/rooms/{room}", { params, body: { spotlight: sku } }));
    },
  };
}

/** Stop, or let go on, the sales of a SKU in every room of the pool. */
export function freezeSku(it: Console, sku: string, frozen: boolean): Operation {
  const way = frozen ? "freeze" : "thaw";
  const title = it.titleOf(sku);
  const held = () => it.live.units(sku).value?.channels.reduce((sum, each) => sum + each.held, 0) ?? 0;
  return {
    label: t(`do.${way}`),
    says: () => t(`do.${way}.says`, { title, left: count(it.leftOf(sku)), held: count(held()) }),
    hindered: () => notYours(it, frozen ? "freeze" : "keep"),
    done: t(`do.${way}.done`, { title }),
    run: (key) => {
      const params = { path: { pool: it.pool } };
      const body = { scope: { sku }, id: key };
      return answerOfWrite(() =>
        frozen
          ? it.api.POST("/v1/pools/{pool}/emergencies/freeze", { params, body })
          : it.api.POST("/v1/pools/{pool}/emergencies/thaw", { params, body }),
      );
    },
  };
}

/** Tell the host something, about a SKU or none. */
export function cue(it: Console, text: string, sku: string | null): Operation {
  return {
    label: t("do.cue"),
    says: () => t("do.cue.says", { text }),
    hindered: () => notYours(it, "direct") || bySocket(it),
    done: t("do.cue.done"),
    run: async (key) => ofSocket(await it.stage?.room.operator.cue(text, sku, { id: key })),
  };
}

/** Tell everybody something; an empty text takes the last notice back. */
export function notice(it: Console, text: string): Operation {
  const viewers = () => count(it.stage?.viewers.value ?? 0);
  return {
    label: t("do.notice"),
    says: () => (text === "" ? t("do.notice.none") : t("do.notice.says", { text, viewers: viewers() })),
    hindered: () => notYours(it, "direct") || bySocket(it),
    done: text === "" ? t("do.notice.none_done") : t("do.notice.done"),
    run: async (key) => ofSocket(await it.stage?.room.operator.notice(text, { id: key })),
  };
}

/** Carry out one of an alert's actions. `says` is what it does in units, as the server worked it out. */
export function answerAlert(
  it: Console,
  alert: Alert,
  action: AlertAction,
  says: () => string,
  label: string,
): Operation {
  const params = { path: { show: alert.show, alert: alert.id } };
  return {
    label,
    says,
    hindered: () => (action.done_by ? t("do.alert.done_by", { who: action.done_by }) : ""),
    done: t("do.alert.done", { label }),
    run: () =>
      answerOfWrite(() => it.api.POST("/v1/shows/{show}/alerts/{alert}/act", { params, body: { action: action.id } })),
  };
}

/** Take an action back. */
export function undo(it: Console, action: string, what: string): Operation {
  const params = { path: { pool: it.pool, action } };
  return {
    label: t("do.undo"),
    says: () => t("do.undo.says", { what }),
    hindered: UNHINDERED,
    done: t("do.undo.done", { what }),
    of: action,
    run: () => answerOfWrite(() => it.api.POST("/v1/pools/{pool}/actions/{action}/undo", { params, body: {} })),
  };
}

/** Why one's role may not; "" where it may. */
export function notYours(it: Console, right: Right): string {
  return may(it.login.session.value, right) ? "" : t("do.not_yours");
}

function bySocket(it: Console): string {
  if (it.stage === null) return t("do.no_room");
  return it.stage.connection.value.current ? "" : t("do.no_connection");
}

/** A socket's answer in the shape of HTTP's. */
function ofSocket(
  result: { type: string; id?: string; code?: string; field?: string | null } | undefined,
): Answer<unknown> {
  if (result?.type === "done") return { ok: true, value: result, action: result.id ?? "", etag: "" };
  if (result?.type === "refused") {
    const problem = { code: result.code, field: result.field ?? "" } as never;
    return { ok: false, status: 409, problem, again: false };
  }
  return { ok: false, status: 0, problem: {}, again: true };
}
