/** The handshake: where to connect, what to show, and what a refusal means. */

import { checkRoom } from "./check.js";
import { Rejected, UsageError } from "./errors.js";

/** What of a WebSocket is needed: the browser's own, or that of the `ws` package. */
export interface Socket {
  binaryType: string;
  readonly protocol: string;
  readonly readyState: number;
  // biome-ignore lint/suspicious/noExplicitAny: the two have different types of events with the same fields
  onopen: ((event: any) => void) | null;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  onmessage: ((event: any) => void) | null;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  onerror: ((event: any) => void) | null;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  onclose: ((event: any) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** Makes a socket. */
export type SocketClass = new (url: string, protocols: string[]) => Socket;

/** A room's socket and its snapshot over HTTP. */
export interface Addresses {
  readonly socket: string;
  readonly snapshot: string;
}

const SCHEMES: Readonly<Record<string, string>> = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" };
/** Longer waits than this are a mistake. */
const RETRY_AFTER_MAX_S = 300;
const DETAIL_MAX = 200;
/** A subprotocol is a token of RFC 9110. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The addresses of `room` under a server's base URL. Throws UsageError. */
export function addresses(base: string, room: string, language?: string): Addresses {
  checkRoom(room);
  let url: URL;
  try {
    url = new URL(base);
  } catch {
    throw new UsageError(`url: expected http(s)://host[:port] or ws(s)://host[:port], got ${JSON.stringify(base)}`);
  }
  const scheme = SCHEMES[url.protocol];
  if (!scheme || url.search || url.hash || url.username) {
    throw new UsageError(`url: expected a base address of http(s) or ws(s) without user, ? and #, got "${base}"`);
  }
  const path = `//${url.host}${url.pathname.replace(/\/+$/, "")}/v1/rooms/${room}`;
  return {
    socket: `${scheme}${path}/ws${language ? `?lang=${encodeURIComponent(language)}` : ""}`,
    snapshot: `${scheme.replace("ws", "http")}${path}/snapshot`,
  };
}

/** The subprotocols of a handshake: a browser can show its token nowhere else. Throws UsageError. */
export function subprotocols(encoding: string, token: string | null): string[] {
  if (!token) return [encoding];
  if (typeof token !== "string" || !TOKEN.test(token)) throw new UsageError("token: expected a JSON Web Token");
  return [encoding, `bearer.${token}`];
}

/** Why a handshake failed: for good, or for now. The status is 0 where the server could not be asked. */
export type Verdict = Rejected | { readonly reason: string; readonly retryAfterMs: number; readonly status: number };

/** Browsers hide the status of a handshake that failed, so the same is asked over HTTP, where it is seen: the snapshot
 * has the same door. 400 to 404 are final; whatever else passes. */
export async function whyNot(url: string, token: string | null, signal: AbortSignal): Promise<Verdict> {
  try {
    const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
    const response = await fetch(url, { headers, signal, cache: "no-store" });
    const { status } = response;
    if (response.ok) {
      response.body?.cancel().catch(() => {});
      return { reason: "the socket could not be opened", retryAfterMs: 0, status };
    }
    const { detail, code } = words(await response.text());
    const said = detail || response.statusText || "no reason given";
    if (status >= 400 && status <= 404) return new Rejected(status, code, said);
    // Only the seconds form: the server sends no dates, and a proxy's date would need a clock we do not trust.
    const wish = response.headers.get("Retry-After") ?? "";
    const retryAfterMs = /^\d{1,9}$/.test(wish) ? Math.min(Number(wish), RETRY_AFTER_MAX_S) * 1000 : 0;
    return { reason: `${said} (status ${status})`, retryAfterMs, status };
  } catch {
    return { reason: "the server cannot be reached", retryAfterMs: 0, status: 0 };
  }
}

/** The body is JSON with the server's own words, where it is ours. */
function words(body: string): { detail: string; code: string } {
  try {
    const problem = JSON.parse(body) as Record<string, unknown>;
    const detail = [problem.detail, problem.title].find((each) => typeof each === "string") ?? "";
    return { detail: String(detail).slice(0, DETAIL_MAX), code: String(problem.code ?? "") };
  } catch {
    return { detail: body.slice(0, DETAIL_MAX).trim(), code: "" };
  }
}
