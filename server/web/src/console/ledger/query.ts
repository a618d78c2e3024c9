/** What is searched for: the form's fields, and what the server is asked with. */

import type { paths } from "../api/schema";
import { momentOf } from "./when";

export const WORDS = ["sku", "user", "reservation", "order"] as const;
export const TIMES = ["from", "to"] as const;
export type Field = (typeof WORDS)[number] | (typeof TIMES)[number];
export type Form = Readonly<Record<Field, string>>;
export type Query = NonNullable<paths["/v1/pools/{pool}/ledger/search"]["get"]["parameters"]["query"]>;

export const EMPTY: Form = { sku: "", user: "", reservation: "", order: "", from: "", to: "" };

/** What the form asks for; a field without a word says nothing. */
export function queryOf(form: Form): Query {
  const query: Query = {};
  for (const word of WORDS) {
    const said = form[word].trim();
    if (said !== "") query[word] = said;
  }
  const [from, to] = [momentOf(form.from), momentOf(form.to, true)];
  if (from !== null) query.from_ms = from;
  if (to !== null) query.to_ms = to;
  return query;
}

/** Which field of the form a field of the query is. */
export function fieldOf(name: string): Field | null {
  if (name === "from_ms") return "from";
  if (name === "to_ms") return "to";
  return WORDS.find((word) => word === name) ?? null;
}
