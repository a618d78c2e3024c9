/** A pool's strategy: its presets, and its numbers as one types them. */

import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { Preset, Strategy, StrategyItem } from "../../api/schema";
import type { Console } from "../../console";
import type { Operation } from "../../operations/operation";
import { Edit, type Kinds, type Seen } from "../form/edit";
import { choice, wholeThere } from "../form/values";

export const STRATEGIES: readonly Strategy[] = ["brand", "influencer", "promotion", ""];
export const NUMBERS = ["safety_percent", "elastic_percent", "elastic_mode", "split", "split_every_minutes"] as const;
export type NumberName = (typeof NUMBERS)[number];
const MINUTES_A_DAY = 1_440;
const PERCENT_MAX = 100;

export const NUMBER_KINDS: Kinds<Preset> = {
  safety_percent: wholeThere({ min: 0, max: PERCENT_MAX }),
  elastic_percent: wholeThere({ min: 0, max: PERCENT_MAX }),
  elastic_mode: choice("off", "ask", "auto"),
  split: choice("off", "propose", "auto"),
  split_every_minutes: wholeThere({ min: 1, max: MINUTES_A_DAY }),
};

export const strategyName = (strategy: Strategy) => t(`before.strategy.${strategy || "none"}`);
export const numberName = (field: string) => t(`before.number.${field}`);
export const numberChoice = (field: string, value: string) => t(`before.number.${field}.${value}`);

/** A number as one reads it. */
export function numberText(name: NumberName, numbers: Preset): string {
  if (name === "elastic_mode" || name === "split") return numberChoice(name, numbers[name]);
  const value = numbers[name];
  return t(name === "split_every_minutes" ? "before.minutes" : "before.percent", { count: value });
}

/** What of the numbers would change, each from what to what. */
export function differences(now: Preset, then: Preset): readonly string[] {
  return NUMBERS.filter((name) => now[name] !== then[name]).map((name) =>
    t("before.change", { field: numberName(name), before: numberText(name, now), after: numberText(name, then) }),
  );
}

export function numbersOf(item: StrategyItem): Seen<Preset> {
  const { safety_percent, elastic_percent, elastic_mode, split, split_every_minutes, revision } = item;
  return { values: { safety_percent, elastic_percent, elastic_mode, split, split_every_minutes }, revision };
}

/** Begin a strategy: all its numbers become the preset's. Nothing that lies anywhere is moved. */
export function beginStrategy(it: Console, now: StrategyItem, strategy: Strategy, read: () => void): Operation {
  const label = t("before.strategy.begin", { name: strategyName(strategy) });
  return {
    label,
    says: () => {
      const preset = now.presets[strategy];
      const changes = preset === undefined ? [] : differences(numbersOf(now).values, preset);
      return changes.length === 0
        ? t("before.strategy.begin.nothing")
        : t("before.strategy.begin.says", { changes: changes.join(t("before.change.between")) });
    },
    hindered: () => "",
    done: t("before.strategy.begun", { name: strategyName(strategy) }),
    run: async (key) => {
      const header = { "If-Match": `"${now.revision}"`, "Idempotency-Key": key };
      const params = { path: { pool: it.pool }, header };
      const answer = await answerOfWrite(() => it.api.PUT("/v1/pools/{pool}/strategy", { params, body: { strategy } }));
      read();
      return answer;
    },
  };
}

/** An edit of the numbers. `seen` is what is shown, `shown` is told of what was read. */
export function editNumbers(
  it: Console,
  seen: () => StrategyItem | null,
  shown: (item: StrategyItem) => void,
): Edit<Preset> {
  const path = { pool: it.pool };
  return new Edit<Preset>({
    kinds: NUMBER_KINDS,
    seen: () => {
      const item = seen();
      return item === null ? null : numbersOf(item);
    },
    write: async (changes, { revision }) => {
      const header = { "If-Match": `"${revision}"`, "Idempotency-Key": newKey() };
      const answer = await answerOfWrite(() =>
        it.api.PATCH("/v1/pools/{pool}/strategy", { params: { path, header }, body: changes }),
      );
      if (answer.ok) shown(answer.value);
      return answer;
    },
    theirs: (current) => {
      shown(current as StrategyItem);
      return numbersOf(current as StrategyItem);
    },
  });
}
