/** How a page gets its token: from the link it was opened with, as a guest of a demonstration room, or not at all. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { ClientError } from "@shelfcast/client";
import { closedKey } from "./closed";

/** What to be where the link brought no token: a guest of that role, where the room takes guests, or anonymous. */
export type GuestRole = "viewer" | "host" | "none";

export type AccessKind = "link" | "guest" | "anonymous";

export interface Access {
  /** What the page came in with; "anonymous" until the first connection asked. */
  readonly kind: ReadonlySignal<AccessKind>;
  /** The token for one connection, for `openRoom`; "" is none. Never throws: without an answer one is anonymous. */
  readonly token: () => Promise<string>;
  /** The token the last connection got, for the page's own HTTP calls; "" is none. */
  readonly current: () => string;
  /** Call with why the room is closed for good: a link that was refused is not tried again by the next reload. */
  readonly refused: (error: ClientError) => void;
}

interface GuestPass {
  token: string;
  expires_at_ms: number;
}

/** A pass this near to its end is not used for a new connection. */
const PASS_MARGIN_MS = 60_000;
const GUEST_TIMEOUT_MS = 5_000;
const PROBLEM_TYPE = "application/problem+json";
/** What a room is closed with, by `closedKey`, where it was the link's fault. */
const REFUSED_LINK = new Set(["closed.token", "closed.not_admitted"]);
/** What a JSON Web Token cannot hold: line breaks and marks that a mail program put into a link. */
const NO_PART_OF_A_TOKEN = /[^\w.-]/g;

/** Call once a page, before the first render: a token in the address bar is taken out of it at once. */
export function openAccess(room: string, guest: GuestRole = "viewer"): Access {
  const linkKey = `shelfcast.link.${room}`;
  const linked = takeFragment() ?? read(sessionStore(), linkKey);
  if (linked) write(sessionStore(), linkKey, linked);
  watchForLinks(linkKey);
  const kind = signal<AccessKind>(linked ? "link" : "anonymous");
  let current = linked ?? "";
  let own: GuestPass | null = null;
  const token = async (): Promise<string> => {
    if (linked || guest === "none") return current;
    own = await guestPass(room, guest, own);
    current = own?.token ?? "";
    kind.value = current ? "guest" : "anonymous";
    return current;
  };
  const refused = (error: ClientError): void => {
    // A newer link may have come meanwhile.
    const isKept = linked !== null && read(sessionStore(), linkKey) === linked;
    if (isKept && REFUSED_LINK.has(closedKey(error))) sessionStore()?.removeItem(linkKey);
  };
  return { kind, token, current: () => current, refused };
}

/** The room that the address names: /rooms/{room}, /overlay/{room}, /host/{room}. */
export function roomOfPath(path: string = location.pathname): string {
  const name = path.split("/")[2] ?? "";
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // Not percent-encoded text: no room's name either.
  }
}

/**
 * The `token` of a fragment such as `#token=abc&lang=zh`; null where there is none. What can be no part of a token is left
 * out: it is whole then, or the server says that it is not valid.
 */
export function tokenOfFragment(fragment: string): string | null {
  const token = new URLSearchParams(fragment.replace(/^#/, "")).get("token") ?? "";
  return token.replace(NO_PART_OF_A_TOKEN, "") || null;
}

/** The fragment without its token; "" where nothing else was in it. */
export function fragmentWithoutToken(fragment: string): string {
  const rest = new URLSearchParams(fragment.replace(/^#/, ""));
  rest.delete("token");
  return rest.size > 0 ? `#${rest}` : "";
}

/**
 * Whether a kept pass may be used still, by the server's clock: a device's own may be a day ahead, and each connection would
 * be another guest.
 */
export function isFresh(pass: GuestPass, serverNowMs: number): boolean {
  return pass.expires_at_ms - serverNowMs > PASS_MARGIN_MS;
}

function takeFragment(): string | null {
  const token = tokenOfFragment(location.hash);
  if (token) {
    const address = location.pathname + location.search + fragmentWithoutToken(location.hash);
    history.replaceState(history.state, "", address);
  }
  return token;
}

/** A link opened in a tab that shows this page already differs behind the `#` alone, and that loads nothing. */
function watchForLinks(linkKey: string): void {
  globalThis.addEventListener?.("hashchange", () => {
    const token = tokenOfFragment(location.hash);
    if (!token) return;
    // In a browser that keeps nothing it stays in the address, for the page that is loaded now.
    if (write(sessionStore(), linkKey, token)) takeFragment();
    location.reload();
  });
}

/** A tab stays the guest that it is: what the browser keeps may come from a tab that was opened at the same time. */
async function guestPass(room: string, role: "viewer" | "host", own: GuestPass | null): Promise<GuestPass | null> {
  const key = `shelfcast.guest.${role}.${room}`;
  const tabs = own ?? parsePass(read(sessionStore(), key));
  const browsers = parsePass(read(localStore(), key));
  let pass = await stillTaken(room, tabs);
  if (!pass && browsers?.token !== tabs?.token) pass = await stillTaken(room, browsers);
  if (!pass) {
    pass = await askForPass(room, role);
    if (pass) write(localStore(), key, JSON.stringify(pass));
  }
  if (pass) write(sessionStore(), key, JSON.stringify(pass));
  return pass;
}

async function stillTaken(room: string, kept: GuestPass | null): Promise<GuestPass | null> {
  return kept && (await isTaken(room, kept)) ? kept : null;
}

/** Whether the server still takes a kept pass, and for a while: a demonstration that was started anew signs with another
 * secret. */
async function isTaken(room: string, pass: GuestPass): Promise<boolean> {
  try {
    const answer = await fetch(entryAddress(room), {
      method: "HEAD",
      // An Authorization would take the place of what a proxy asks for, and the browser then forgets that.
      headers: { "Shelfcast-Token": pass.token },
      signal: AbortSignal.timeout(GUEST_TIMEOUT_MS),
    });
    // What a proxy refuses (one that asks for a password, say) says nothing of the pass.
    const isAnswer = answer.headers.get("Content-Type")?.startsWith(PROBLEM_TYPE);
    if (isAnswer && (answer.status === 401 || answer.status === 403)) return false;
    const serverNowMs = Date.parse(answer.headers.get("Date") ?? "");
    return Number.isNaN(serverNowMs) || isFresh(pass, serverNowMs);
  } catch {
    return true; // No answer says nothing of the pass, and the socket will find none either.
  }
}

function entryAddress(room: string): string {
  return `/v1/rooms/${encodeURIComponent(room)}/entry`;
}

async function askForPass(room: string, role: "viewer" | "host"): Promise<GuestPass | null> {
  try {
    const answer = await fetch(`/v1/rooms/${encodeURIComponent(room)}/guests`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(role === "host" ? { role } : {}),
      signal: AbortSignal.timeout(GUEST_TIMEOUT_MS),
    });
    return answer.ok ? parsePass(await answer.text()) : null;
  } catch {
    return null;
  }
}

/** A pass as the server gives it, or null for anything else: what a browser kept may be anything. */
export function parsePass(text: string | null): GuestPass | null {
  if (!text) return null;
  try {
    const { token, expires_at_ms } = JSON.parse(text) as Partial<GuestPass>;
    return typeof token === "string" && typeof expires_at_ms === "number" ? { token, expires_at_ms } : null;
  } catch {
    return null;
  }
}

// A browser that keeps nothing (storage switched off, a sandboxed frame) throws at the mere mention.
function sessionStore(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function localStore(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

function read(store: Storage | null, key: string): string | null {
  return store?.getItem(key) ?? null;
}

/** Whether the value is kept now; where it is not, the page goes on with what it has in memory. */
function write(store: Storage | null, key: string, value: string): boolean {
  try {
    store?.setItem(key, value);
    return Boolean(store);
  } catch {
    return false; // Full.
  }
}
