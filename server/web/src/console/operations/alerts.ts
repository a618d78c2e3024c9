/** What takes note of an alert, or leaves it aside. What answers one is in `show.ts`. */

import type { Alert } from "@shelfcast/client/pool";
import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import { answerOfWrite } from "../api/client";
import type { Console } from "../console";
import { type Operation, UNHINDERED } from "./operation";

/** Take note of an alert, with what one has to say of it when it is carried out. */
export function acknowledgeAlert(it: Console, alert: Alert, note: () => string): Operation {
  const params = { path: { pool: it.pool, alert: alert.id } };
  return {
    label: t("alerts.acknowledge"),
    says: () => t("do.alert.acknowledge.says"),
    hindered: UNHINDERED,
    done: t("do.alert.acknowledge.done"),
    run: () =>
      answerOfWrite(() =>
        it.api.POST("/v1/pools/{pool}/alerts/{alert}/acknowledge", { params, body: { note: note().trim() } }),
      ),
  };
}

/** Leave an alert aside for some minutes. */
export function snoozeAlert(it: Console, alert: Alert, minutes: number): Operation {
  const params = { path: { pool: it.pool, alert: alert.id } };
  const words = { minutes: count(minutes) };
  return {
    label: t("do.alert.snooze", words),
    says: () => t("do.alert.snooze.says", words),
    hindered: UNHINDERED,
    done: t("do.alert.snooze.done", words),
    run: () =>
      answerOfWrite(() => it.api.POST("/v1/pools/{pool}/alerts/{alert}/snooze", { params, body: { minutes } })),
  };
}
