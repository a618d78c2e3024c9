/** Going on air although the checklist fails. */

import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import { answerOfWrite } from "../api/client";
import type { StatusDone } from "../api/schema";
import type { Console } from "../console";
import type { Operation } from "../operations/operation";
import { notYours } from "../operations/show";

/** Letters of a reason. */
export const REASON_MAX = 200;

/** Begin the show though so many things fail, for this reason, which stays in the record. `reach` is what it reaches. */
export function beginAnyway(it: Console, fails: number, reason: string, reach: StatusDone | null): Operation {
  const words = { count: fails, n: count(fails), reason };
  return {
    label: t("gate.anyway"),
    says: () => {
      if (reach === null) return t("do.show.asking");
      const begins = t("do.show.begin.says", { skus: count(reach.skus), viewers: count(reach.viewers) });
      return t("gate.anyway.says", { ...words, begins });
    },
    hindered: () => notYours(it, "sign") || (reason === "" ? t("gate.reason.missing") : ""),
    done: t("gate.anyway.done", words),
    final: true,
    sure: t("gate.anyway.sure", words),
    run: (key) => {
      const params = { path: { room: it.room } };
      const body = { status: "live", override: reason, id: key } as const;
      return answerOfWrite(() => it.api.POST("/v1/rooms/{room}/status", { params, body }));
    },
  };
}
