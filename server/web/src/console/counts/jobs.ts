/** Work that takes the server longer than one answer: it is asked how far it is. */

import { type Answer, type Api, answerOf } from "../api/client";
import type { JobAnswer, Problem } from "../api/schema";

/** How often it is asked, in ms. */
const ASKED_EVERY_MS = 500;
/** Given up after this time, in ms: the work goes on. */
const WAITED_MS = 300_000;

type Fetched = { readonly data?: unknown; readonly error?: unknown; readonly response: Response };

/** The result of a call that answers it, or (202) the job that is at it. */
export async function readJob<T>(api: Api, pool: string, call: () => Promise<Fetched>): Promise<Answer<T>> {
  const first = { status: 0 };
  const answer = await answerOf(
    call().then((fetched) => {
      first.status = fetched.response.status;
      return fetched;
    }),
  );
  if (!answer.ok || first.status !== 202) return answer as Answer<T>;
  const path = { pool, job: (answer.value as JobAnswer).job };
  for (const until = Date.now() + WAITED_MS; Date.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY_MS));
    const now = await answerOf(api.GET("/v1/pools/{pool}/jobs/{job}", { params: { path } }));
    if (!now.ok && !now.again) return now;
    if (!now.ok || now.value.state === "queued" || now.value.state === "running") continue;
    if (now.value.state === "done") return { ...now, value: now.value.result as T };
    const { code, reason } = now.value;
    const problem = { code: code as Problem["code"], detail: reason };
    return { ok: false, status: 422, problem, again: false };
  }
  return { ok: false, status: 0, problem: { code: "UNAVAILABLE" }, again: true };
}
