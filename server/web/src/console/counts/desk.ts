/** What counts and receipts are worked with: by an operator within the console, or by somebody who only counts and is told of
 * no pool. */

import { effect } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type Answer, type Api, answerOf } from "../api/client";
import type { CountItem, ReceiptItem } from "../api/schema";
import type { Console } from "../console";
import { Kept } from "../live/kept";
import type { Login } from "../session";

/** How often somebody without the pool's socket asks again while the page is looked at, in ms. */
const ASKED_EVERY_MS = 3_000;
/** Events of the pool's socket that tell of counts and receipts. */
const TOLD_BY = new Set(["count", "count_applied", "receipt"]);

export class Desk {
  readonly api: Api;
  readonly counts: Kept<readonly CountItem[]>;
  readonly receipts: Kept<readonly ReceiptItem[]>;
  readonly #listeners = new Set<() => void>();

  /** `console` is an operator's; null for somebody who only counts. */
  constructor(
    readonly login: Login,
    readonly pool: string,
    readonly console: Console | null,
  ) {
    this.api = login.api;
    const params = { path: { pool } };
    this.counts = new Kept(async () =>
      of(await answerOf(this.api.GET("/v1/pools/{pool}/counts", { params })), (v) => v.counts),
    );
    this.receipts = new Kept(async () =>
      of(await answerOf(this.api.GET("/v1/pools/{pool}/receipts", { params })), (v) => v.receipts),
    );
  }

  /** Who is logged in. */
  get user(): string {
    return this.login.session.value?.user ?? "";
  }

  /** Whether it makes counts, sees what differs and signs. */
  get leads(): boolean {
    return this.console !== null;
  }

  /** Something of a count or a receipt may have changed. */
  changed(): void {
    this.counts.changed();
    this.receipts.changed();
    for (const listener of this.#listeners) listener();
  }

  /** Call when something may have changed. Returns what ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hear what changes, while somebody looks. Returns what ends it. */
  begin(): () => void {
    const ends = this.console === null ? this.#askAgain() : this.#listen(this.console);
    return () => {
      for (const end of ends) end();
      this.counts.close();
      this.receipts.close();
    };
  }

  #listen({ live }: Console): (() => void)[] {
    let wasCurrent = true;
    return [
      live.onEvent(({ type }) => {
        if (TOLD_BY.has(type)) this.changed();
      }),
      // What was told while nobody heard it is told no more.
      effect(() => {
        const { current } = live.connection.value;
        if (current && !wasCurrent) this.changed();
        wasCurrent = current;
      }),
    ];
  }

  #askAgain(): (() => void)[] {
    const ask = () => {
      if (document.visibilityState === "visible" && this.login.state.peek() === "open") this.changed();
    };
    const timer = setInterval(ask, ASKED_EVERY_MS);
    document.addEventListener("visibilitychange", ask);
    return [
      () => clearInterval(timer),
      () => document.removeEventListener("visibilitychange", ask),
      effect(() => {
        if (this.login.state.value === "open") ask();
      }),
    ];
  }

  /** The number that hosts call a SKU by in the room that is shown; null where nobody says. */
  readonly linkOf = (sku: string): number | null =>
    this.console?.kept.listings.want().value?.find((each) => each.sku === sku)?.link ?? null;
}

function of<T, R>(answer: Answer<T>, pick: (value: T) => R): Answer<R> {
  return answer.ok ? { ...answer, value: pick(answer.value) } : answer;
}

const Here = createContext<Desk | null>(null);
export const DeskProvider = Here.Provider;

/** The desk that is worked at. Throws outside of it. */
export function useDesk(): Desk {
  const found = useContext(Here);
  if (found === null) throw new Error("no desk is open here");
  return found;
}
