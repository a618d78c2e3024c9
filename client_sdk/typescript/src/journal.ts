/** Keeps the unanswered reservations and waits over a reload of the page, in the storage of its tab. */

import type { PendingReservation } from "./events.js";
import type { Policy } from "./policy.js";
import type { Store } from "./store.js";

/** What is kept belongs to one user: another's wishes are never sent in this one's name. Without a user nothing is kept,
 * as an anonymous reservation belongs to its connection. A storage that cannot be used costs only the memory. */
export class Journal {
  readonly #store: Store | null;
  readonly #key: string;
  readonly #policy: Policy;
  #user = "";
  /** When the oldest of them was made, by the device's clock, which alone outlives the page; 0 while there is none. */
  #sinceMs = 0;

  constructor(store: Store | null, key: string, policy: Policy) {
    this.#store = store;
    this.#key = key;
    this.#policy = policy;
  }

  /** Whose reservations are kept from now on; returns what a page before this one left of theirs. Whatever stands there
   * may have been written by anybody: the session checks it. */
  open(user: string, nowMs: number): PendingReservation[] {
    this.#user = user;
    this.#sinceMs = 0;
    try {
      const kept = JSON.parse(this.#store?.getItem(this.#key) ?? "null");
      const ageMs = nowMs - kept.since_ms;
      if (!user || kept.user !== user || !(ageMs >= 0 && ageMs < this.#policy.storedForMs)) return [];
      this.#sinceMs = kept.since_ms;
      return kept.made.slice(0, this.#policy.unansweredMax);
    } catch {
      return [];
    }
  }

  /** Keep these, and no others. */
  save(pending: ReadonlyMap<string, PendingReservation>, nowMs: number): void {
    if (!this.#user) return;
    this.#sinceMs = pending.size && (this.#sinceMs || nowMs);
    const kept = { user: this.#user, since_ms: this.#sinceMs, made: [...pending.values()] };
    try {
      if (pending.size) this.#store?.setItem(this.#key, JSON.stringify(kept));
      else this.#store?.removeItem(this.#key);
    } catch {
      // Full, or forbidden as in some private windows: a reload then forgets.
    }
  }
}

/** The storage of this tab, or null where there is none or it may not be used. */
export function tabStorage(): Store | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}

/** The user a token is of, unchecked (the server checks), or "" where it says none. */
export function userOf(token: string | null): string {
  try {
    const claims = (token ?? "").split(".")[1] ?? "";
    const { sub } = JSON.parse(atob(claims.replace(/-/g, "+").replace(/_/g, "/")));
    return typeof sub === "string" ? sub : "";
  } catch {
    return "";
  }
}
