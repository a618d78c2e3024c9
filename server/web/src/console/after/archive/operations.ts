/** Archiving now, and forgetting a person: jobs, whose end the page waits for. */

import { t } from "../../../shared/i18n";
import type { Person } from "../../api/schema";
import type { Console } from "../../console";
import { readJob } from "../../counts/jobs";
import type { Operation } from "../../operations/operation";
import { problemText } from "../../operations/problem";
import { notYours } from "../../operations/show";

export function archiveNow(it: Console): Operation {
  const params = (key: string) => ({ path: { pool: it.pool }, header: { "Idempotency-Key": key } });
  return {
    label: t("after.archive.now"),
    says: () => t("after.archive.says"),
    hindered: () => notYours(it, "decide"),
    done: t("after.archive.done"),
    run: (key) =>
      readJob<unknown>(it.api, it.pool, () => it.api.POST("/v1/pools/{pool}/archive", { params: params(key) })),
  };
}

/** Forget somebody. Nothing takes it back. */
export function forget(it: Console, { user, open }: Pick<Person, "user" | "open">): Operation {
  const path = { pool: it.pool, user };
  return {
    label: t("after.person.erase"),
    says: () => t("after.person.says", { user }),
    hindered: () => notYours(it, "decide") || ((open?.length ?? 0) > 0 ? t("after.person.open") : ""),
    done: t("after.person.done", { user }),
    of: user,
    final: true,
    sure: t("after.person.sure", { user }),
    refused: ({ problem, status }) =>
      problem.code === "BAD_MESSAGE"
        ? t("after.person.refused", { why: problem.detail ?? "" })
        : problemText(problem, status),
    run: (key) =>
      readJob<unknown>(it.api, it.pool, () =>
        it.api.DELETE("/v1/pools/{pool}/people/{user}", { params: { path, header: { "Idempotency-Key": key } } }),
      ),
  };
}
