/** The searches of each console: they stay while another view is shown. */

import { answerOf } from "../api/client";
import type { LedgerPage } from "../api/schema";
import type { Console } from "../console";
import { Searching } from "./search";

const kept = new WeakMap<Console, Searching>();

export function searchingOf(it: Console): Searching {
  const known = kept.get(it);
  if (known !== undefined) return known;
  const path = { pool: it.pool };
  const made = new Searching({
    search: (query) => answerOf<LedgerPage>(it.api.GET("/v1/pools/{pool}/ledger/search", { params: { path, query } })),
    story: (id, query) =>
      answerOf(it.api.GET("/v1/pools/{pool}/reservations/{id}/story", { params: { path: { ...path, id }, query } })),
  });
  kept.set(it, made);
  return made;
}
