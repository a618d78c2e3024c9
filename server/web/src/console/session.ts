/** Who is logged in here: the browser has a cookie that no page can read; the server says whose it is. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { tokenOfFragment } from "../shared/access";
import { type Answer, type Api, answerOf, openApi } from "./api/client";
import type { SessionItem } from "./api/schema";

/** As `POST /v1/session` answers it. */
export type Session = SessionItem;

/** `unknown` until the server has been asked, `none` where one has to log in, `ended` where a session is over: what was
 * typed stays, and a login goes on where it was. */
export type LoginState = "unknown" | "none" | "open" | "ended";

export class Login {
  readonly api: Api;
  readonly #state = signal<LoginState>("unknown");
  readonly #session = signal<Session | null>(null);
  readonly state: ReadonlySignal<LoginState> = this.#state;
  readonly session: ReadonlySignal<Session | null> = this.#session;

  constructor() {
    this.api = openApi(() => this.ended());
    // A link that is opened in a tab that shows the page already loads nothing.
    addEventListener("hashchange", ({ oldURL }) => {
      const token = takeToken(new URL(oldURL).hash);
      if (token !== null) void this.withLink(token);
    });
  }

  /** The server says that there is no session any more. */
  ended(): void {
    if (this.#state.peek() === "open") this.#state.value = "ended";
  }

  /** Something has ended for good: ask the server whether the session has. */
  async check(): Promise<void> {
    if (this.#state.peek() !== "open") return;
    const answer = await answerOf(ask<Session>("GET"));
    if (!answer.ok && answer.status === 401) this.ended();
  }

  /** Ask who is logged in; with a link's token in the address, log in with that. What stood against the link. */
  async begin(): Promise<Answer<Session> | null> {
    const token = takeToken("");
    if (token !== null) {
      const answer = await this.withLink(token);
      if (answer.ok || answer.status !== 0) return answer;
    }
    const answer = await answerOf(ask<Session>("GET"));
    if (answer.ok) this.#open(answer.value);
    // The demonstration's own console takes whoever comes from this machine; every other server refuses it.
    else if (answer.status === 401 && isLoopback(location.hostname)) await this.#enter(ask("POST", { demo: true }));
    if (this.#state.peek() === "unknown") this.#state.value = "none";
    return null;
  }

  withLink(token: string): Promise<Answer<Session>> {
    return this.#enter(ask("POST", {}, { "Shelfcast-Token": token }));
  }

  withPassword(name: string, password: string): Promise<Answer<Session>> {
    return this.#enter(ask("POST", { name, password }));
  }

  async end(): Promise<void> {
    await answerOf(ask("DELETE"));
    this.#session.value = null;
    this.#state.value = "none";
  }

  async #enter(call: Parameters<typeof answerOf<Session>>[0]): Promise<Answer<Session>> {
    const answer = await answerOf(call);
    if (answer.ok) this.#open(answer.value);
    else if (this.#state.peek() === "unknown") this.#state.value = "none";
    return answer;
  }

  #open(session: Session): void {
    this.#session.value = session;
    this.#state.value = "open";
  }
}

/** The token of a link that stands in the address, which is taken out at once: it is nobody's to read over a shoulder, or to go
 * back to. `rest` is what stands there then. */
function takeToken(rest: string): string | null {
  const token = tokenOfFragment(location.hash);
  if (token !== null) history.replaceState(history.state, "", location.pathname + location.search + rest);
  return token;
}

/** Whether the page comes from this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}

/** A call of the session's own route. */
async function ask<T>(method: string, body?: object, headers: Record<string, string> = {}) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const kind = body === undefined ? headers : { ...headers, "Content-Type": "application/json" };
  const response = await fetch("/v1/session", { method, headers: kind, ...sent });
  const said: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined);
  return response.ok ? { data: said as T, response } : { error: said, response };
}
