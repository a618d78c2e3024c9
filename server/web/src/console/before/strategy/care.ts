/** What a pool takes care of in counts and receipts: from how many units on somebody else has to agree. */

import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { Pool } from "../../api/schema";
import type { Console } from "../../console";
import { Edit, type Kinds, type Seen } from "../form/edit";
import { tick, whole } from "../form/values";

export type Care = Pick<Pool, "sign_over_units" | "recount_over_units" | "receipts_by_two" | "expiry_days">;

const UNITS_MAX = 1_000_000_000;
const DAYS_MAX = 3_650;
export const CARE_FIELDS = ["sign_over_units", "recount_over_units", "expiry_days", "receipts_by_two"] as const;

export const CARE_KINDS: Kinds<Care> = {
  sign_over_units: whole({ min: 0, max: UNITS_MAX }),
  recount_over_units: whole({ min: 0, max: UNITS_MAX }),
  expiry_days: whole({ min: 1, max: DAYS_MAX }),
  receipts_by_two: tick,
};

export const careName = (field: string) => t(`before.care.${field}`);

function seenIn({ sign_over_units, recount_over_units, receipts_by_two, expiry_days, revision }: Pool): Seen<Care> {
  return { values: { sign_over_units, recount_over_units, receipts_by_two, expiry_days }, revision };
}

export function editCare(it: Console): Edit<Care> {
  const path = { pool: it.pool };
  return new Edit<Care>({
    kinds: CARE_KINDS,
    seen: () => {
      const pool = it.kept.settings.value.value;
      return pool === null ? null : seenIn(pool);
    },
    write: async (changes, { revision }) => {
      const header = { "If-Match": `"${revision}"`, "Idempotency-Key": newKey() };
      const answer = await answerOfWrite(() =>
        it.api.PATCH("/v1/pools/{pool}", { params: { path, header }, body: changes }),
      );
      await it.kept.settings.now();
      return answer;
    },
    theirs: (current) => seenIn(current as Pool),
    words: ({ code }) => (code === "NEEDS_APPROVAL" ? t("before.care.second") : ""),
  });
}
