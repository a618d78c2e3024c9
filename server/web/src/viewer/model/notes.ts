/** The answer to the last wish for a SKU, for as long as it is true, or news. */

import { effect, type Signal, signal, untracked } from "@preact/signals";
import { type Offer, reasonOf } from "./offer";
import type { Saying } from "./verdicts";

/** What became of a reservation is news for so long, in ms; after that it stands among the earlier ones. */
export const NEWS_MS = 9_000;
/** An answer about the stock may come before the count it speaks of. One that no count bears out goes after this, in ms. */
export const UNPROVEN_MS = 3_000;

/** What is true of a SKU at a moment. */
export interface Standing {
  offer: Offer | null;
  available: number;
}

const isBecause =
  (...reasons: string[]) =>
  ({ offer }: Standing) =>
    reasons.includes(reasonOf(offer) ?? "");

/**
 * When an answer that speaks of the stock, the sale or the room is true. A customer's limit is not among them: what was
 * paid on another page counts too, and only the server knows of that.
 */
const TRUE_WHILE: Record<string, (standing: Standing, saying: Saying) => boolean> = {
  "refused.SOLD_OUT": isBecause("sold_out"),
  "refused.ALL_HELD": isBecause("all_held"),
  "refused.BATCH_EXHAUSTED": isBecause("sold_out", "all_held"),
  "refused.INSUFFICIENT": ({ offer }) => offer?.kind === "open",
  "refused.INSUFFICIENT_LEFT": ({ offer, available }, { values }) =>
    offer?.kind === "open" && available === values.available,
  "refused.NOT_OPEN": (standing) => standing.offer?.kind === "opens" || isBecause("room_scheduled")(standing),
  "refused.SALE_ENDED": isBecause("sale_ended", "room_ended"),
  "refused.FROZEN": isBecause("frozen"),
  "refused.PAUSED": isBecause("room_paused"),
};

/** Of reservations, not of the stock. */
const IS_NEWS =
  /^fate\.|^turn\.|^wait_over\.|^refused\.(NOT_FOUND|EXPIRED|ALREADY_CONFIRMED|ALREADY_CANCELLED|PAID_NO_STOCK)$/;
/** Said of a hold that is there still: what comes of that takes its place. */
const STAYS = /^unanswered\.(cancel|pay|decline)$|^obstacle\./;
/** Anything else invites to press again, or says why not though there is a button: that is over where there is none. */
const isOffered = ({ offer }: Standing, { toWait }: Saying) => offer?.kind === (toWait ? "wait" : "open");

interface Note {
  saying: Signal<Saying | null>;
  /** Stops watching whether it is still to be said. */
  stop: () => void;
}

/** One note a SKU, until the next press at the longest. */
export class Notes {
  readonly #notes = new Map<string, Note>();
  readonly #standing: (sku: string) => Standing;

  /** `standing` is followed: it is read where signals are. */
  constructor(standing: (sku: string) => Standing) {
    this.#standing = standing;
  }

  of(sku: string): Signal<Saying | null> {
    return this.#note(sku).saying;
  }

  set(sku: string, saying: Saying | null): void {
    const note = this.#note(sku);
    note.stop();
    note.saying.value = saying;
    note.stop = saying === null ? () => {} : this.#watch(sku, saying, note);
  }

  dispose(): void {
    for (const { stop } of this.#notes.values()) stop();
  }

  #note(sku: string): Note {
    let note = this.#notes.get(sku);
    if (note === undefined) {
      note = { saying: signal(null), stop: () => {} };
      this.#notes.set(sku, note);
    }
    return note;
  }

  #watch(sku: string, saying: Saying, { saying: shown }: Note): () => void {
    const end = () => {
      shown.value = null;
    };
    if (STAYS.test(saying.key)) return () => {};
    if (IS_NEWS.test(saying.key)) {
      const timer = setTimeout(end, NEWS_MS);
      return () => clearTimeout(timer);
    }
    const isTrue = TRUE_WHILE[saying.key] ?? isOffered;
    let proven = false;
    const timer = setTimeout(() => proven || end(), UNPROVEN_MS);
    const unfollow = effect(() => {
      const holds = isTrue(this.#standing(sku), saying);
      if (proven && !holds) untracked(end);
      proven ||= holds;
    });
    return () => {
      clearTimeout(timer);
      unfollow();
    };
  }
}
