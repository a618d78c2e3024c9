/** Something that an operator can do: it says what it will do, in units, before it does it. */

import type { Answer } from "../api/client";

export type Refusal = Extract<Answer<unknown>, { readonly ok: false }>;

export interface Operation {
  /** What it is called on a button, in a few words. */
  readonly label: string;
  /** What it will do, in units, as things are known now: read while drawing, it is drawn anew when they change. */
  readonly says: () => string;
  /** Why it cannot be done now; "" where it can. */
  readonly hindered: () => string;
  /** What there is to say once it is done. */
  readonly done: string;
  /** What tells it from another that has the same words. */
  readonly of?: string;
  /** Nothing takes it back: it is confirmed before. */
  readonly final?: boolean;
  /** Said when it is confirmed, in place of that nothing takes it back. */
  readonly sure?: string;
  /** Why the server refused it, where that has words of its own. */
  readonly refused?: (answer: Refusal) => string;
  /** Do it, once under this key however often it is sent. */
  readonly run: (key: string) => Promise<Answer<unknown>>;
}

/** Nothing stands against it. */
export const UNHINDERED = () => "";
