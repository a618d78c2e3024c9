/** What became of this visit's reservations, and which ones were held: kept over a reload of the page. */

import type { Fate } from "./verdicts";

/** Beyond these the oldest is forgotten. */
export const RECEIPTS_MAX = 20;
export const HELD_MAX = 200;

/** What a customer was shown of a product: it holds for what they reserve then, whatever the shelf says later. */
export interface Promised {
  title: string;
  price_minor: number;
  currency: string;
}

export interface Wish {
  id: string;
  sku: string;
  qty: number;
  /** As it was reserved; not there where the page that reserved it is not known to have shown it. */
  promised?: Promised | undefined;
}

/** A wish that was granted. What is not known of it is not there: an older page did not keep it. */
export interface Held extends Wish {
  /** Whose it is; "" for an anonymous customer, who is another one with every connection. */
  user?: string;
  /** The epoch of the book that it was last seen in. */
  epoch?: number;
  /** The server's clock. */
  expiresAtMs?: number;
  /** Of what the waitlist gave: how many were waited for. */
  asked?: number;
}

export interface Receipt extends Wish {
  fate: Fate;
  /** The server's clock. */
  atMs: number;
  /** Whose it is; not there in what an older page kept. */
  user?: string;
  /** The waitlist had given it. */
  offered?: boolean;
}

export interface Kept {
  receipts: readonly Receipt[];
  held: readonly Held[];
}

/** Where the page is now: who it speaks for, and to which book. */
export interface Here {
  user: string;
  epoch: number;
  nowMs: number;
}

/** The book answers for an id for about a day after its end; so long after the end of a hold it is asked, in ms. */
export const ASKED_AFTER_MS = 4 * 3_600_000;

const NOTHING: Kept = { receipts: [], held: [] };
const FATES: readonly Fate[] = ["paid", "expired", "cancelled", "paid_no_stock", "gone"];

/** The newest first; an id has one end, so what is learnt later of it replaces what stood there. */
export function withReceipt(receipts: readonly Receipt[], added: Receipt): readonly Receipt[] {
  return [added, ...receipts.filter((receipt) => receipt.id !== added.id)].slice(0, RECEIPTS_MAX);
}

/** Units of a SKU that a user paid for on this page, as far as it remembers: they count towards a customer's limit. */
export function unitsPaid(receipts: readonly Receipt[], sku: string, user: string): number {
  return receipts
    .filter((receipt) => receipt.fate === "paid" && receipt.sku === sku && receipt.user === user)
    .reduce((sum, { qty }) => sum + qty, 0);
}

/** Reads what the browser kept. Anything unexpected in it is passed over: it may come from an older page. */
export function parseKept(text: string | null): Kept {
  if (text === null) return NOTHING;
  try {
    const { receipts, held } = JSON.parse(text) as Record<string, unknown>;
    return {
      receipts: (Array.isArray(receipts) ? receipts.filter(isReceipt) : []).slice(0, RECEIPTS_MAX),
      held: (Array.isArray(held) ? held.filter(isHeld) : []).slice(0, HELD_MAX),
    };
  } catch {
    return NOTHING;
  }
}

/**
 * What to do about a hold that the server's list does not have any more. It is asked what became of it only where that
 * cannot come to a new reservation: a book that does not know an id makes one of it. Another user's is no business of
 * this one.
 */
export function lookInto(held: Held, here: Here): "ask" | "gone" | "forget" {
  if (held.user !== here.user) return "forget";
  const isRemembered = here.nowMs < (held.expiresAtMs ?? 0) + ASKED_AFTER_MS;
  return held.user !== "" && held.epoch === here.epoch && isRemembered ? "ask" : "gone";
}

/** What is promised of a product now; nothing where it is not on the shelf. */
export function promiseOf(view: Promised | undefined): Promised | undefined {
  return view && { title: view.title, price_minor: view.price_minor, currency: view.currency };
}

export function isWish(value: unknown): value is Wish {
  const wish = value as Partial<Wish> | null;
  if (wish?.promised !== undefined && !isPromised(wish.promised)) return false;
  return typeof wish?.id === "string" && typeof wish.sku === "string" && Number.isSafeInteger(wish.qty);
}

/** What is wrong beside the wish itself is never that of this page, or of this book. */
export function isHeld(value: unknown): value is Held {
  const { expiresAtMs, asked } = (value ?? {}) as Partial<Held>;
  return isWish(value) && [expiresAtMs, asked].every((each) => each === undefined || Number.isSafeInteger(each));
}

function isPromised(value: unknown): value is Promised {
  const promised = value as Partial<Promised> | null;
  const isText = typeof promised?.title === "string" && typeof promised.currency === "string";
  return isText && Number.isSafeInteger(promised?.price_minor);
}

function isReceipt(value: unknown): value is Receipt {
  const receipt = value as Partial<Receipt> | null;
  return isWish(receipt) && FATES.includes((receipt as Receipt).fate) && Number.isFinite((receipt as Receipt).atMs);
}

/** The browser's storage for one room's page; without storage nothing is kept and nothing breaks. */
export class ReceiptStore {
  readonly #key: string;
  readonly #storage: Storage | null;

  constructor(room: string, storage: Storage | null) {
    this.#key = `shelfcast.receipts.${room}`;
    this.#storage = storage;
  }

  read(): Kept {
    return parseKept(this.#storage?.getItem(this.#key) ?? null);
  }

  write(kept: Kept): void {
    try {
      this.#storage?.setItem(this.#key, JSON.stringify({ receipts: kept.receipts, held: kept.held.slice(-HELD_MAX) }));
    } catch {
      // Full or forbidden: the page still knows until it is closed.
    }
  }
}
