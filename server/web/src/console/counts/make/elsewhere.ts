/** SKUs that were meant for a count, and are on another open one. */

import { type Api, answerOfWrite } from "../../api/client";
import type { CountMade } from "../../api/schema";
import type { Refusal } from "../../operations/operation";

/** In place of the answer to such a count. */
export const NOTHING_LEFT: Refusal = { ok: false, status: 409, problem: { code: "ID_CONFLICT" }, again: false };

/** Whether the count got nothing of what was meant, as all of it is on others: such a sheet is taken away again. */
export async function isLeftEmpty(api: Api, pool: string, { count, elsewhere }: CountMade): Promise<boolean> {
  if (count.rows > 0 || elsewhere.length === 0) return false;
  const params = { path: { pool, count: count.count } };
  await answerOfWrite(() => api.POST("/v1/pools/{pool}/counts/{count}/cancel", { params }));
  return true;
}

/** The other counts with how many SKUs of these each has, the most first. */
export function heldBy(elsewhere: CountMade["elsewhere"]): readonly (readonly [string, number])[] {
  const held = new Map<string, number>();
  for (const { count } of elsewhere) held.set(count, (held.get(count) ?? 0) + 1);
  return [...held].sort(([, a], [, b]) => b - a);
}
