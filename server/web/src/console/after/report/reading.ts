/** Reading the report of a show, and asking for a fresh one. */

import { type Answer, answerOf, answerOfWrite } from "../../api/client";
import type { Report, ReportState } from "../../api/schema";
import type { Console } from "../../console";

/** The final one where there is one, else the provisional; or the one that is asked for. */
export function readReport(it: Console, show: string, state: ReportState | null): Promise<Answer<Report>> {
  const query = state === null ? {} : { state };
  return answerOf(it.api.GET("/v1/shows/{show}/report", { params: { path: { show }, query } }));
}

/** Have it written now: a job, which goes on by itself. */
export function writeReport(it: Console, show: string, key: string): Promise<Answer<unknown>> {
  const params = { path: { show }, header: { "Idempotency-Key": key } };
  return answerOfWrite(() => it.api.POST("/v1/shows/{show}/report", { params }));
}
