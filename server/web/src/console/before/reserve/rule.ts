/** When the elastic reserve of a SKU is released, as one types it. */

import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { ElasticMode, ElasticTerms, PoolSku, Reserve } from "../../api/schema";
import type { Console } from "../../console";
import { Edit, type Kinds, type Seen } from "../form/edit";
import { choice, whole } from "../form/values";

const UNITS_MAX = 1_000_000_000;
const SHARE_MAX = 99;
const MINUTES_MAX = 1_440;

export type Rule = ElasticTerms;

export const RULE_KINDS: Kinds<Rule> = {
  mode: choice<ElasticMode>("off", "ask", "auto"),
  at_units: whole({ min: 0, max: UNITS_MAX }),
  at_share_percent: whole({ min: 1, max: SHARE_MAX }),
  at_eta_minutes: whole({ min: 1, max: MINUTES_MAX }),
  step_units: whole({ min: 1, max: UNITS_MAX }),
};

export const RULE_FIELDS = ["mode", "at_units", "at_share_percent", "at_eta_minutes", "step_units"] as const;
export const ruleName = (field: string) => t(`before.rule.${field}`);
export const modeName = (mode: string) => t(`before.rule.mode.${mode}`);

/** The rule of a SKU, however it was said. */
export function ruleOf({ elastic, elastic_release_at }: Pick<PoolSku, "elastic" | "elastic_release_at">): Rule {
  const none = { mode: "off", at_units: null, at_share_percent: null, at_eta_minutes: null, step_units: null } as const;
  if (elastic !== null) return elastic;
  return elastic_release_at === null ? none : { ...none, mode: "auto", at_units: elastic_release_at };
}

/** The rule as a sentence. */
export function ruleText(rule: Rule): string {
  if (rule.mode === "off") return t("before.rule.says.off");
  const whens = [
    rule.at_units !== null && t("before.rule.when.units", { count: rule.at_units }),
    rule.at_share_percent !== null && t("before.rule.when.share", { percent: rule.at_share_percent }),
    rule.at_eta_minutes !== null && t("before.rule.when.minutes", { count: rule.at_eta_minutes }),
  ].filter((each) => each !== false);
  const when = whens.length === 0 ? t("before.rule.when.never") : whens.join(t("before.rule.or"));
  const step = rule.step_units === null ? t("before.rule.all") : t("before.rule.step", { count: rule.step_units });
  return t(`before.rule.says.${rule.mode}`, { when, step });
}

function seenIn({ mode, at_units, at_share_percent, at_eta_minutes, step_units, revision }: Reserve): Seen<Rule> {
  return { values: { mode, at_units, at_share_percent, at_eta_minutes, step_units }, revision };
}

/** An edit of the rule: it is written whole. */
export function editRule(it: Console, sku: string): Edit<Rule> {
  const path = { pool: it.pool, sku };
  return new Edit<Rule>({
    kinds: RULE_KINDS,
    seen: () => {
      const row = it.kept.skus.of(sku);
      return row === undefined ? null : { values: ruleOf(row), revision: row.revision };
    },
    write: async (_changes, { revision }, all) => {
      const header = { "If-Match": `"${revision}"`, "Idempotency-Key": newKey() };
      const answer = await answerOfWrite(() =>
        it.api.PUT("/v1/pools/{pool}/skus/{sku}/elastic", { params: { path, header }, body: all }),
      );
      await it.kept.skus.readSku(sku);
      return answer;
    },
    theirs: (current) => seenIn(current as Reserve),
  });
}
