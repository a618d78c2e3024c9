/** What to do about each SKU next, with the numbers that it comes from, and deciding about one or many. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { Report, ReportedSku, ShowItem } from "../../api/schema";
import type { Console } from "../../console";
import { ChoiceField } from "../../counts/form/Fields";
import { linkTo } from "../place";
import { AwayText } from "../report/AwayText";
import { nameColumn } from "../report/columns";
import { WithReport } from "../report/ReportTab";
import { BigTable, type Column } from "../table/BigTable";
import { DecideForm } from "./DecideForm";
import { Decisions } from "./decisions";
import { decidedText, KINDS } from "./operations";
import { becauseText, decisionText } from "./sentences";

/** So many are decided about in one press: each is a line in the list of what was done. */
const CHOSEN_MAX = 200;

export function SuggestedTab({ it, show }: { readonly it: Console; readonly show: ShowItem }) {
  return <WithReport it={it} show={show} draw={(report) => <Suggested it={it} report={report} />} />;
}

const FILTERS = ["asks", "open", "all", ...KINDS] as const;
type Filter = (typeof FILTERS)[number];

function Suggested({ it, report }: { readonly it: Console; readonly report: Report }) {
  const decisions = useMemo(() => new Decisions(it, report.show), [it, report.show]);
  useEffect(() => void decisions.read(), [decisions, report]);
  const [filter, setFilter] = useState<Filter>("asks");
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const made = decisions.made.value;
  const suggested = useMemo(() => report.skus.filter(({ suggestions }) => suggestions.length > 0), [report]);
  const rows = suggested.filter(({ sku, suggestions }) => {
    const asks = suggestions.some(({ kind }) => kind !== "keep");
    if (filter === "all" || filter === "asks") return filter === "all" || asks;
    return filter === "open" ? asks && !made.has(sku) : suggestions.some(({ kind }) => kind === filter);
  });
  const titles = useMemo(() => new Map(report.skus.map(({ sku, title }) => [sku, title])), [report]);
  const titleOf = (sku: string) => titles.get(sku) || sku;
  const toggle = (sku: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen && next.size < CHOSEN_MAX) next.add(sku);
    else next.delete(sku);
    choose(next);
  };
  const columns: readonly Column<ReportedSku>[] = [
    {
      id: "choose",
      label: t("after.choose"),
      rem: 4,
      isNarrow: true,
      isUnsorted: true,
      value: () => null,
      draw: ({ sku, title }) => (
        <input
          type="checkbox"
          aria-label={t("after.choose.of", { title: title || sku })}
          checked={chosen.has(sku)}
          onChange={(event) => toggle(sku, event.currentTarget.checked)}
        />
      ),
    },
    {
      ...nameColumn<ReportedSku>(),
      draw: ({ sku, title }) => <a href={linkTo({ show: report.show, tab: "report", detail: sku })}>{title || sku}</a>,
    },
    {
      id: "what",
      label: t("after.suggestion.what"),
      rem: 10,
      value: ({ suggestions }) => whatText(suggestions),
    },
    {
      id: "why",
      label: t("after.suggestion.why"),
      rem: 22,
      value: ({ suggestions: [first] }) => (first === undefined ? null : becauseText(first, titleOf)),
    },
    {
      id: "decided",
      label: t("after.decided"),
      rem: 13,
      value: ({ sku }) => {
        const decision = made.get(sku);
        return decision === undefined ? null : decisionText(decision);
      },
      text: ({ sku }) => {
        const decision = made.get(sku);
        return decision === undefined ? t("after.decided.not") : decisionText(decision);
      },
    },
  ];
  const title = t("after.suggested");
  const offered = Math.min(rows.length, CHOSEN_MAX);
  return (
    <>
      <AwayText trouble={decisions.trouble.value} onAgain={() => void decisions.read()} />
      <section class="card" aria-label={title}>
        <h3>{title}</h3>
        <p class="quiet">{t("after.suggested.hint")}</p>
        {chosen.size > 0 && (
          <DecideForm
            key={[...chosen].join(" ")}
            it={it}
            show={report.show}
            chosen={report.skus.filter(({ sku }) => chosen.has(sku))}
            onDecided={decisions.noted}
            onDone={() => choose(new Set())}
          />
        )}
        <BigTable
          key={filter}
          title={title}
          rows={rows}
          columns={columns}
          keyOf={({ sku }) => sku}
          textOf={({ sku, title: named, suggestions }) => `${named} ${sku} ${whatText(suggestions)}`}
          isTall
          empty={t(suggested.length === 0 ? "after.suggested.none" : "after.suggested.none_such")}
        >
          <ChoiceField
            label={t("after.suggested.shown")}
            value={filter}
            choices={FILTERS.map((each) => [each, filterText(each)] as const)}
            onValue={(value) => setFilter(FILTERS.find((each) => each === value) ?? "asks")}
          />
          <button type="button" onClick={() => choose(new Set(rows.slice(0, CHOSEN_MAX).map(({ sku }) => sku)))}>
            {t("after.choose.all", { count: offered, shown: count(offered) })}
          </button>
          {chosen.size > 0 && (
            <button type="button" onClick={() => choose(new Set())}>
              {t("after.choose.none", { shown: count(chosen.size) })}
            </button>
          )}
        </BigTable>
      </section>
    </>
  );
}

function filterText(filter: Filter): string {
  return filter === "asks" || filter === "open" || filter === "all"
    ? t(`after.suggested.${filter}`)
    : t(`after.kind.${filter}`);
}

function whatText(suggestions: ReportedSku["suggestions"]): string {
  return suggestions.map(({ kind, units }) => decidedText(kind, units)).join(t("after.comma"));
}
