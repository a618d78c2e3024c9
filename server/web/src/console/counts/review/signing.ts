/** Who has signed a count, who still has to, and what comes next. Pure. */

import type { CountItem } from "../../api/schema";

export type Next =
  /** Something has to be done before it can be signed. */
  | { readonly kind: "blocked" }
  /** Nobody can tell yet: the figures are not shown. */
  | { readonly kind: "hidden" }
  /** With this person's signature it can be applied. */
  | { readonly kind: "apply" }
  /** This person signs; another one applies. */
  | { readonly kind: "sign" }
  /** This person has signed, and another one has to. */
  | { readonly kind: "wait" }
  | { readonly kind: "over" };

type Signed = Pick<CountItem, "state" | "asking" | "recounts" | "unreasoned" | "signatures" | "signatures_needed">;

export function nextOf(item: Signed, user: string): Next {
  const { state, asking, recounts, unreasoned, signatures, signatures_needed } = item;
  if (state === "applying") return { kind: "apply" };
  if (state !== "review") return { kind: "over" };
  if (recounts === null || unreasoned === null || signatures_needed === null) return { kind: "hidden" };
  if (asking + recounts + unreasoned > 0) return { kind: "blocked" };
  const others = new Set(signatures.map(({ by }) => by));
  const mine = others.delete(user);
  if (others.size + 1 >= signatures_needed) return { kind: "apply" };
  return { kind: mine ? "wait" : "sign" };
}
