/** What became of a wish, in a sentence's key and values. Pure: the words are in en.json and zh.json. */

import type { Cancelled, Confirmed, Offer, Refused, Reserved, Unanswered, Waiting } from "@shelfcast/client";

/** How a sentence is shown; a sign goes with each, so that colour is never the only one. */
export type Tone = "good" | "wait" | "stop";

export interface Saying {
  key: string;
  values: Record<string, string | number>;
  tone: Tone;
  /** It answers a wish to wait: it goes when there is no place on the list to be had any more. */
  toWait?: true;
  /** There were fewer units than these, which were asked for: they may be waited for. */
  wanted?: number;
}

/** The end of a reservation as its owner sees it; `gone` is one that is no longer held and nobody said why. */
export type Fate = "paid" | "expired" | "cancelled" | "paid_no_stock" | "gone";

/** Codes with a sentence of their own. A newer server's code is shown with the server's words. */
const KNOWN = {
  SOLD_OUT: "stop",
  ALL_HELD: "wait",
  INSUFFICIENT: "stop",
  NOT_OPEN: "wait",
  SALE_ENDED: "stop",
  BATCH_EXHAUSTED: "wait",
  FROZEN: "wait",
  PAUSED: "wait",
  LIMIT_PER_ORDER: "stop",
  LIMIT_PER_USER: "stop",
  REVIEW: "wait",
  BLOCKED: "stop",
  ID_CONFLICT: "stop",
  NOT_FOUND: "stop",
  ALREADY_CONFIRMED: "good",
  ALREADY_CANCELLED: "good",
  EXPIRED: "stop",
  PAID_NO_STOCK: "stop",
  RATE_LIMITED: "wait",
  OVERLOADED: "wait",
  UNAVAILABLE: "wait",
  BAD_MESSAGE: "stop",
  UNKNOWN_SKU: "stop",
  FORBIDDEN: "stop",
  SHELF_FULL: "stop",
  STALE: "stop",
  ARCHIVED: "stop",
  NEEDS_APPROVAL: "stop",
  SAME_SIGNER: "stop",
  GATE: "stop",
} satisfies Record<string, Tone>;

export type KnownCode = keyof typeof KNOWN;

/** Every code that has words here, for the test that holds them against the protocol. */
export const KNOWN_CODES = Object.keys(KNOWN) as KnownCode[];

/** Refusals that may say how many there could have been: then that is said. */
const SAYS_HOW_MANY: readonly string[] = ["INSUFFICIENT", "LIMIT_PER_ORDER", "LIMIT_PER_USER"];

/** A refusal in plain words. */
export function sayingOfRefusal(refused: Pick<Refused, "code" | "message"> & { available?: number | null }): Saying {
  const code = refused.code as string;
  if (!(code in KNOWN)) return { key: "refused.OTHER", values: { message: refused.message }, tone: "stop" };
  const tone: Tone = KNOWN[code as KnownCode];
  if (SAYS_HOW_MANY.includes(code) && refused.available != null && refused.available > 0) {
    return { key: `refused.${code}_LEFT`, values: { available: refused.available }, tone };
  }
  return { key: `refused.${code}`, values: {}, tone };
}

/** Refusals of a wish to wait that mean another thing there, by code and field. */
const OF_WAITS: Readonly<Record<string, Saying>> = {
  "FORBIDDEN waitlist": { key: "wait_refused.off", values: {}, tone: "stop" },
  "LIMIT_PER_USER waiting": { key: "wait_refused.already", values: {}, tone: "stop" },
  "SHELF_FULL waiting": { key: "wait_refused.full", values: {}, tone: "stop" },
};

/** A refusal of a wish to wait. */
export function sayingOfWaitRefused(refused: Pick<Refused, "code" | "message" | "available" | "field">): Saying {
  return { ...(OF_WAITS[`${refused.code} ${refused.field}`] ?? sayingOfRefusal(refused)), toWait: true };
}

/** What a wait may be over with that means another thing there than of a reservation. */
export const WAIT_OVER_CODES: readonly string[] = [
  "OK",
  "SALE_ENDED",
  "FORBIDDEN",
  "LIMIT_PER_USER",
  "BLOCKED",
  "REVIEW",
  "ID_CONFLICT",
  "NOT_FOUND",
];

/** Why somebody waits no more; `OK` where it was their own wish. */
export function sayingOfWaitOver(code: string, message: string): Saying {
  if (WAIT_OVER_CODES.includes(code)) {
    return { key: `wait_over.${code}`, values: {}, tone: code === "OK" ? "good" : "stop" };
  }
  if (code in KNOWN) return { ...sayingOfRefusal({ code, message }), tone: "stop" };
  return { key: "wait_over.OTHER", values: { message }, tone: "stop" };
}

/** How many units the next wish may be for, where a refusal says what this customer's limit leaves; else null. */
export function leftBy(refused: Pick<Refused, "code" | "available">): number | null {
  const isLimit = refused.code === "LIMIT_PER_ORDER" || refused.code === "LIMIT_PER_USER";
  return isLimit && refused.available !== null && refused.available > 0 ? refused.available : null;
}

/** What a wish can come to. */
export type Settled = Reserved | Confirmed | Refused | Unanswered;
/** What a wish to wait can come to. */
export type WaitSettled = Waiting | Offer | Confirmed | Refused | Unanswered;

/** What to write beside a product after a wish for `qty` of it was settled; null where the hold speaks for itself. */
export function sayingOfWish(result: Settled, qty: number): Saying | null {
  if (result.type === "reserved") return null;
  if (result.type === "confirmed") return sayingOfFate("paid", result.qty);
  if (result.type === "refused") {
    const saying = sayingOfRefusal(result);
    return result.code === "INSUFFICIENT" ? { ...saying, wanted: qty } : saying;
  }
  return { key: "unanswered.reserve", values: {}, tone: "wait" };
}

/** What to write after a hold was given back, or was not. */
export function sayingOfReturn(result: Cancelled | Refused | Unanswered): Saying {
  if (result.type === "cancelled") return sayingOfFate("cancelled", result.qty);
  if (result.type === "refused") return sayingOfRefusal(result);
  return { key: "unanswered.cancel", values: {}, tone: "wait" };
}

/** `offered`: it was the waitlist's, so that what is not bought is the next one's. */
export function sayingOfFate(fate: Fate, qty: number, offered = false): Saying {
  const tone: Tone = fate === "paid" || fate === "cancelled" ? "good" : "stop";
  if (offered && fate === "expired") return { key: "turn.lapsed", values: {}, tone };
  if (offered && fate === "cancelled") return { key: "turn.declined", values: {}, tone };
  return { key: `fate.${fate}_long`, values: { count: qty }, tone };
}

/** Whether the server may have executed the request all the same: then the next press repeats its id. */
export function keepsId(result: Settled | WaitSettled): boolean {
  return result.type === "unanswered" || (result.type === "refused" && result.retry === "same_id");
}

const FATE_OF_CODE: Partial<Record<string, Fate>> = {
  EXPIRED: "expired",
  ALREADY_CANCELLED: "cancelled",
  ALREADY_CONFIRMED: "paid",
  PAID_NO_STOCK: "paid_no_stock",
};

/** What the answer to its id says of a reservation that is no longer in the user's list; null where it says nothing. */
export function fateOf(result: Settled | WaitSettled): Fate | null {
  if (result.type === "confirmed") return "paid";
  if (result.type !== "refused" || result.retry === "same_id") return null;
  return FATE_OF_CODE[result.code] ?? "gone";
}
