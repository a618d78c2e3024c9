/** Goods that left or came while a SKU was counted: are they in the figures? It is asked, not guessed. */

import { useState } from "preact/hooks";
import { count, timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { CountQuestionItem, CountRowItem } from "../../api/schema";
import { NumberField } from "../form/NumberField";
import { unitsOf } from "../form/units";
import { questionText } from "../sentences";
import type { Entering } from "./entering";

interface Props {
  readonly rows: readonly CountRowItem[];
  readonly entering: Entering;
}

/** All that is asked, on top of what is to be counted. */
export function Asked({ rows, entering }: Props) {
  if (rows.length === 0) return null;
  return (
    <section class="group asked" aria-labelledby="count-asked">
      <h3 id="count-asked">{t("counts.group.asking", { count: rows.length, shown: count(rows.length) })}</h3>
      <ul class="list">
        {rows.map((row) => (
          <li key={row.sku} class="card">
            <strong>{row.title || row.sku}</strong>
            <Questions row={row} entering={entering} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface OneProps {
  readonly row: CountRowItem;
  readonly entering: Entering;
}

export function Questions({ row, entering }: OneProps) {
  const open = row.questions.filter(({ included }) => included === null);
  if (open.length === 0) return null;
  return (
    <>
      {open.map((question) => (
        <Question key={question.seq} row={row} question={question} entering={entering} />
      ))}
    </>
  );
}

interface QuestionProps extends OneProps {
  readonly question: CountQuestionItem;
}

function Question({ row, question, entering }: QuestionProps) {
  const [some, setSome] = useState<string | null>(null);
  const [fault, setFault] = useState("");
  const all = Math.abs(question.units);
  const busy = entering.busy.value.has(row.sku);
  const says = questionText(question, timeOrDate(question.at_ms));
  const answer = (included: number) => {
    if (!busy) void entering.answer(row.sku, question, included);
  };
  const problem = entering.fault.value;
  return (
    <fieldset class="question">
      <legend>{says}</legend>
      {problem?.sku === row.sku && problem.field === "" && (
        <p class="fault" role="alert">
          {problem.text}
        </p>
      )}
      <div class="buttons">
        <button type="button" aria-disabled={busy} onClick={() => answer(0)}>
          {t("counts.question.none")}
        </button>
        <button type="button" aria-disabled={busy} onClick={() => answer(all)}>
          {t("counts.question.all", { count: all, shown: count(all) })}
        </button>
        {all > 1 && (
          <button type="button" aria-expanded={some !== null} onClick={() => setSome(some === null ? "" : null)}>
            {t("counts.question.some")}
          </button>
        )}
      </div>
      {some !== null && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const units = unitsOf(some);
            if (units === null || units > all) setFault(t("counts.expected.up_to", { most: count(all) }));
            else answer(units);
          }}
        >
          <NumberField label={t("counts.question.how_many")} text={some} onText={setSome} fault={fault} />
          <button type="submit" class="main">
            {t("counts.question.answer")}
          </button>
        </form>
      )}
    </fieldset>
  );
}
