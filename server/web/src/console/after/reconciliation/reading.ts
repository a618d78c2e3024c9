/** Reading the reconciliation of a show. It is a job of the server's, which the request waits for; where that takes longer, the
 * page asks about the job. */

import { type Answer, type Api, answerOf } from "../../api/client";
import type { JobAnswer, Reconciliation } from "../../api/schema";

/** The request waits no longer, in ms: this page's own patience with a request is longer. */
const WAIT_MS = 10_000;
/** Between two looks at a job, in ms. */
const LOOK_MS = 1_000;
const OPEN = ["queued", "running"];

export async function readReconciliation(api: Api, pool: string, show: string): Promise<Answer<Reconciliation>> {
  const params = { path: { show }, query: { wait_ms: WAIT_MS } };
  const answer = await answerOf<Reconciliation | JobAnswer>(api.GET("/v1/shows/{show}/reconciliation", { params }));
  if (!answer.ok) return answer;
  if ("skus" in answer.value) return { ...answer, value: answer.value };
  return found(api, pool, answer.value.job);
}

/** What the job found, once it has ended. */
async function found(api: Api, pool: string, job: string): Promise<Answer<Reconciliation>> {
  const params = { path: { pool, job } };
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const answer = await answerOf<JobAnswer>(api.GET("/v1/pools/{pool}/jobs/{job}", { params }));
    if (!answer.ok) return answer;
    const { state, result, reason } = answer.value;
    if (state === "done") return { ...answer, value: result as Reconciliation };
    if (!OPEN.includes(state)) {
      return { ok: false, status: 503, problem: { code: "UNAVAILABLE", detail: reason }, again: false };
    }
  }
}
