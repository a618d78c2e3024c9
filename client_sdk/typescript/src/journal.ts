/** Keeps the unanswered reservations over a reload of the page, in the storage of its tab. */

import type { PendingReservation } from "./session.js";

/** What of a Storage is needed: that of the tab, or anything like it. */
export type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

interface Entry extends PendingReservation {
  /** By the device's clock, which alone outlives the page. */
  readonly at_ms: number;
}

/** What is kept belongs to one user: another's wishes are never sent in this one's name. Without a user nothing is kept,
 * as an anonymous reservation belongs to its connection. A storage that cannot be used costs only the memory. */
export class Journal {
  #user = "";
  #madeAtMs = new Map<string, number>();

  constructor(
    private readonly store: Store | null,
    private readonly key: string,
    private readonly max: number,
    private readonly keptForMs: number,
  ) {}

  /** Whose reservations are kept from now on; returns what a page before this one left of theirs. */
  open(user: string, nowMs: number): PendingReservation[] {
    this.#user = user;
    if (!user) return [];
    const entries = this.#read().filter((entry) => entry.at_ms <= nowMs && nowMs - entry.at_ms < this.keptForMs);
    this.#madeAtMs = new Map(entries.map((entry) => [entry.id, entry.at_ms]));
    return entries;
  }

  /** Keep these, and no others. */
  save(pending: Iterable<PendingReservation>, nowMs: number): void {
    if (!this.#user) return;
    const entries = [...pending].map(
      ({ id, sku, qty }): Entry => ({ id, sku, qty, at_ms: this.#madeAtMs.get(id) ?? nowMs }),
    );
    this.#madeAtMs = new Map(entries.map((entry) => [entry.id, entry.at_ms]));
    try {
      if (entries.length) this.store?.setItem(this.key, JSON.stringify({ user: this.#user, made: entries }));
      else this.store?.removeItem(this.key);
    } catch {
      // Full, or forbidden as in some private windows: a reload then forgets.
    }
  }

  /** Whatever stands there may have been written by anybody: what is no entry is left out. */
  #read(): Entry[] {
    try {
      const { user, made } = JSON.parse(this.store?.getItem(this.key) ?? "{}");
      return user === this.#user && Array.isArray(made) ? made.slice(0, this.max).filter(isEntry) : [];
    } catch {
      return [];
    }
  }
}

function isEntry(value: Partial<Entry> | null): value is Entry {
  return (
    typeof value?.id === "string" &&
    typeof value.sku === "string" &&
    Number.isSafeInteger(value.qty) &&
    Number.isSafeInteger(value.at_ms)
  );
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
