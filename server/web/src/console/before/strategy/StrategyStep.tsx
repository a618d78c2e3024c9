/** The strategy of the pool: three presets side by side with their numbers, and the numbers that count now. */

import { signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { answerOf } from "../../api/client";
import type { Strategy, StrategyItem } from "../../api/schema";
import { useConsole } from "../../console";
import { Perform } from "../../operations/Perform";
import { Field } from "../form/Field";
import { SaveRow } from "../form/SaveRow";
import { CareCard } from "./CareCard";
import {
  beginStrategy,
  editNumbers,
  NUMBERS,
  numberChoice,
  numberName,
  numberText,
  STRATEGIES,
  strategyName,
} from "./strategy";

export function StrategyStep() {
  const it = useConsole();
  // The strategy is part of the pool's settings: whoever changes them, it is read anew.
  const settings = it.kept.settings.want().value;
  const now = useMemo(() => signal<StrategyItem | null>(null), [it]);
  const read = () =>
    void answerOf(it.api.GET("/v1/pools/{pool}/strategy", { params: { path: { pool: it.pool } } })).then((answer) => {
      if (answer.ok) now.value = answer.value;
    });
  useEffect(read, [it, settings?.revision]);
  const edit = useMemo(
    () =>
      editNumbers(
        it,
        () => now.value,
        (item) => {
          now.value = item;
        },
      ),
    [it],
  );
  const [wanted, setWanted] = useState<Strategy | null>(null);
  const item = now.value;
  const operation = useMemo(
    () => (item === null || wanted === null ? null : beginStrategy(it, item, wanted, read)),
    [it, item, wanted],
  );
  if (item === null) return <p aria-busy="true">{t("before.reading")}</p>;
  return (
    <>
      <div class="presets" role="radiogroup" aria-label={t("before.strategy.presets")}>
        {STRATEGIES.map((each) => (
          <label key={each} class="card preset" data-now={each === item.strategy}>
            <span class="preset-name">
              <input
                type="radio"
                name="strategy"
                value={each}
                checked={(wanted ?? item.strategy) === each}
                onChange={() => setWanted(each)}
              />
              {strategyName(each)}
              {each === item.strategy && <em class="badge">{t("before.strategy.now")}</em>}
            </span>
            <span class="quiet">{t(`before.strategy.${each || "none"}.what`)}</span>
            <PresetNumbers item={item} strategy={each} />
          </label>
        ))}
      </div>
      {operation !== null && (wanted !== item.strategy || item.changed.length > 0) && (
        <div class="card">
          <Perform operation={operation} onDone={() => setWanted(null)} onCancel={() => setWanted(null)} />
        </div>
      )}
      <section class="card" aria-label={t("before.strategy.numbers")}>
        <h4>{t("before.strategy.numbers")}</h4>
        <p class="quiet">
          {item.changed.length === 0
            ? t(item.strategy === "" ? "before.strategy.as_none" : "before.strategy.as_preset", {
                name: strategyName(item.strategy),
              })
            : t("before.strategy.changed", { fields: item.changed.map(numberName).join(t("before.change.between")) })}
        </p>
        <div class="two">
          {NUMBERS.map((name) => (
            <Field
              key={name}
              edit={edit}
              field={name}
              label={numberName(name)}
              hint={t(`before.number.${name}.hint`)}
              nameOf={(choice) => numberChoice(name, choice)}
            />
          ))}
        </div>
        <SaveRow edit={edit} labelOf={numberName} nameOf={numberChoice} done={t("before.strategy.saved")} />
      </section>
      <CareCard />
    </>
  );
}

function PresetNumbers({ item, strategy }: { readonly item: StrategyItem; readonly strategy: Strategy }) {
  const preset = item.presets[strategy];
  if (preset === undefined) return null;
  return (
    <span class="preset-numbers">
      {NUMBERS.filter((name) => name !== "split_every_minutes" || preset.split !== "off").map((name) => (
        <span key={name}>
          <span>{numberName(name)}</span> <b>{numberText(name, preset)}</b>
        </span>
      ))}
    </span>
  );
}
