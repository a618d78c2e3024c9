/** The HTTP API as the console uses it: typed by the server's own document (schema.d.ts), with the browser's session. */

import createClient, { type Middleware } from "openapi-fetch";
import type { Problem, paths } from "./schema";

/** An answer that takes longer is given up; whether a write was carried out is not known then. */
export const TIMEOUT_MS = 15_000;
/** The same where a file is sent up: the largest that is taken, over a slow line. */
export const UPLOAD_TIMEOUT_MS = 180_000;
/** How often a write is sent again under its key while the server says that it was not, or may not have been, carried out. */
export const ATTEMPTS_MAX = 4;
const PAUSE_MS = 400;

export type Api = ReturnType<typeof openApi>;

/** What a call came to: the answer, or why there is none. `status` 0 is no answer at all. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T; readonly action: string; readonly etag: string }
  | { readonly ok: false; readonly status: number; readonly problem: Partial<Problem>; readonly again: boolean };

/** `ended` is told when the server says that there is no session any more. */
export function openApi(ended: () => void) {
  const api = createClient<paths>({ baseUrl: location.origin, credentials: "same-origin" });
  const watching: Middleware = {
    onRequest: ({ request }) => {
      const isFile = request.headers.has("Content-Type") && !isJson(request);
      return new Request(request, { signal: AbortSignal.timeout(isFile ? UPLOAD_TIMEOUT_MS : TIMEOUT_MS) });
    },
    onResponse: ({ response }) => {
      if (response.status === 401 && !new URL(response.url).pathname.endsWith("/session")) ended();
    },
  };
  api.use(watching);
  return api;
}

function isJson(request: Request): boolean {
  return request.headers.get("Content-Type")?.includes("json") ?? false;
}

interface Fetched<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** What a call of the client came to. Never throws: no answer is one of the answers. */
export async function answerOf<T>(call: Promise<Fetched<T>>): Promise<Answer<T>> {
  let fetched: Fetched<T>;
  try {
    fetched = await call;
  } catch {
    return { ok: false, status: 0, problem: { code: "UNAVAILABLE" }, again: true };
  }
  const { data, error, response } = fetched;
  if (response.ok) {
    const { headers } = response;
    return {
      ok: true,
      value: data as T,
      action: headers.get("Shelfcast-Action") ?? "",
      etag: headers.get("ETag") ?? "",
    };
  }
  const problem = (typeof error === "object" && error !== null ? error : {}) as Partial<Problem>;
  return { ok: false, status: response.status, problem, again: problem.retry === "same_id" || response.status >= 502 };
}

/** As `answerOf`, and sent again while it was not carried out or nobody knows: `call` must be the same write each time. */
export async function answerOfWrite<T>(call: () => Promise<Fetched<T>>): Promise<Answer<T>> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await answerOf(call());
    if (answer.ok || !answer.again || attempt >= ATTEMPTS_MAX) return answer;
    const askedMs = answer.problem.retry_after_ms ?? 0;
    await new Promise((resolve) => setTimeout(resolve, Math.max(askedMs, PAUSE_MS * attempt)));
  }
}
