/** The handshake: where to connect, what to show, and what a refusal means. */

import { checkName } from "./check.js";
import { Rejected, UsageError } from "./errors.js";

/** A socket, and where to ask what its handshake would answer. */
export interface Addresses {
  readonly socket: string;
  readonly entry: string;
}

/** Longer waits than this are a mistake. */
const RETRY_AFTER_MAX_S = 300;
const DETAIL_MAX = 200;
/** A subprotocol is a token of RFC 9110. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The addresses of a room or pool under a server's base URL. Throws UsageError. */
export function addresses(base: string, name: string, language?: string, kind = "room"): Addresses {
  checkName(name, kind);
  // https becomes wss, http becomes ws.
  const parts = /^(?:http|ws)(s?):(\/\/[^\s/?#@]+(?:\/+[^\s/?#]+)*)\/*$/i.exec(base);
  // What was given is not shown: it may hold a password.
  if (!parts) throw new UsageError("url: expected http(s):// or ws(s)://");
  const path = `${parts[1]}:${parts[2]}/v1/${kind}s/${name}`;
  return {
    socket: `ws${path}/ws${language ? `?lang=${encodeURIComponent(language)}` : ""}`,
    entry: `http${path}/entry`,
  };
}

/** The subprotocols of a handshake: a browser can show its token nowhere else. Throws UsageError. */
export function subprotocols(encoding: string, token: string | null): string[] {
  if (!token) return [encoding];
  // What was given is not shown: it may be a secret in the wrong place.
  if (!TOKEN.test(token)) throw new UsageError("token: expected a JWT");
  return [encoding, `bearer.${token}`];
}

/** Why a handshake failed: for good, or for now, and then how long the server wishes to be left alone. */
export type Verdict = readonly [reason: string | Rejected, retryAfterMs: number];

/** Statuses below 500 that pass; every other one of them is final, and every one from 500 on passes. */
const COME_BACK: readonly number[] = [408, 425, 429];

/** Browsers hide the status of a handshake that failed, so the same is asked over HTTP, where it is seen. */
export async function whyNot(url: string, token: string | null, signal: AbortSignal): Promise<Verdict> {
  try {
    const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
    const response = await fetch(url, { headers, signal, cache: "no-store" });
    const { ok, status } = response;
    // The server would let us in: it was full a moment ago, or a proxy carries no sockets.
    if (ok) return ["no socket opens", 0];
    const problem = (await response.json().catch(() => null)) as Record<string, unknown> | null;
    const said = String(problem?.detail ?? response.statusText).slice(0, DETAIL_MAX);
    // A proxy's word is no answer, nor is it that of a server of a release before, which knows no such path.
    const isAnswer = problem?.code && (status !== 404 || problem.field);
    if (isAnswer && status < 500 && !COME_BACK.includes(status))
      return [new Rejected(status, String(problem.code), said, problem.field), 0];
    // Only the seconds form: the server sends no dates, and a proxy's date would need a clock we do not trust.
    const wish = Number(response.headers.get("Retry-After"));
    return [`${said} (status ${status})`, wish > 0 ? Math.min(wish, RETRY_AFTER_MAX_S) * 1000 : 0];
  } catch {
    return ["the server cannot be reached", 0];
  }
}
