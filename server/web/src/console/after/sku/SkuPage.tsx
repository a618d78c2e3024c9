/** One SKU: what it came to in this show and in its last ones, what is suggested, and what is decided. */

import { useEffect, useMemo } from "preact/hooks";
import { t } from "../../../shared/i18n";
import type { Report, ReportedSku } from "../../api/schema";
import type { Console } from "../../console";
import { linkTo } from "../place";
import { columnsOf, FACES, nameColumn } from "../report/columns";
import { NONE } from "../report/numbers";
import { DecideForm } from "../suggested/DecideForm";
import { Decisions } from "../suggested/decisions";
import { decisionText, suggestionText } from "../suggested/sentences";
import { History } from "./History";

interface Props {
  readonly it: Console;
  readonly report: Report;
  readonly sku: string;
}

export function SkuPage({ it, report, sku }: Props) {
  const row = report.skus.find((each) => each.sku === sku);
  return (
    <>
      <p class="back">
        <a href={linkTo({ show: report.show, tab: "report" })}>{t("after.sku.back")}</a>
      </p>
      <h3>{row?.title || sku}</h3>
      {row === undefined ? (
        <p class="empty">{t("after.sku.not_in_show")}</p>
      ) : (
        <>
          <Figures report={report} row={row} />
          <Suggestions it={it} report={report} row={row} />
        </>
      )}
      <History it={it} sku={sku} />
    </>
  );
}

/** The same figures as in the columns of the table. */
function Figures({ report, row }: { readonly report: Report; readonly row: ReportedSku }) {
  const columns = new Map(
    FACES.flatMap((face) => columnsOf(face, report.started_at_ms, nameColumn())).map((each) => [each.id, each]),
  );
  columns.delete("title");
  return (
    <section class="card" aria-label={t("after.sku.figures")}>
      <h4>{t("after.sku.figures")}</h4>
      <dl class="after-sums">
        {[...columns.values()].map(({ id, label, value, text }) => (
          <div key={id} data-fact={id}>
            <dt>{label}</dt>
            <dd>{text?.(row) ?? value(row) ?? NONE}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Suggestions({
  it,
  report,
  row,
}: {
  readonly it: Console;
  readonly report: Report;
  readonly row: ReportedSku;
}) {
  const decisions = useMemo(() => new Decisions(it, report.show), [it, report.show]);
  useEffect(() => void decisions.read(), [decisions]);
  const made = decisions.made.value.get(row.sku);
  const titleOf = (sku: string) => report.skus.find((each) => each.sku === sku)?.title || sku;
  return (
    <section class="card" aria-label={t("after.suggested")}>
      <h4>{t("after.suggested")}</h4>
      {row.suggestions.length === 0 ? (
        <p class="quiet">{t("after.suggested.none_of")}</p>
      ) : (
        <ul>
          {row.suggestions.map((each) => (
            <li key={each.kind}>{suggestionText(each, titleOf)}</li>
          ))}
        </ul>
      )}
      <p>{made === undefined ? t("after.decided.not") : t("after.decided.is", { said: decisionText(made) })}</p>
      <DecideForm it={it} show={report.show} chosen={[row]} onDecided={decisions.noted} />
    </section>
  );
}
