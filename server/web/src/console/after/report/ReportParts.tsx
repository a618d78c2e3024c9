/** All that a report says, part by part. */

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { Report, ReportedSku } from "../../api/schema";
import { ChoiceField } from "../../counts/form/Fields";
import { placeText } from "../../unitPlaces";
import { linkTo } from "../place";
import { BigTable, type Column } from "../table/BigTable";
import { type BarRow, Bars } from "./Bars";
import { columnsOf, FACES, type Face, nameColumn, poolColumns } from "./columns";
import { Identity } from "./Identity";
import { MinutesChart } from "./MinutesChart";
import { Alerts, Batches, Channels, Counted, Refused } from "./smallTables";
import { Totals } from "./Totals";

/** SKUs that a chart of bars has. */
const BARS_MAX = 12;

interface Props {
  readonly report: Report;
  readonly titleOf: (sku: string) => string;
}

export function ReportParts({ report, titleOf }: Props) {
  const titles = useMemo(() => new Map(report.skus.map(({ sku, title }) => [sku, title])), [report]);
  const nameOf = (sku: string) => titles.get(sku) || titleOf(sku);
  return (
    <>
      <Part name="totals">
        <Totals report={report} />
      </Part>
      <Part name="minutes">
        <MinutesChart report={report} titleOf={nameOf} />
      </Part>
      <Part name="compared">
        <Compared rows={report.skus} />
      </Part>
      <Part name="skus" hint>
        <Skus report={report} />
      </Part>
      <Part name="pool" hint>
        <Identity report={report} />
        <BigTable
          title={t("after.part.pool")}
          rows={report.pool_skus}
          columns={poolColumns(placeText)}
          keyOf={({ sku }) => sku}
          textOf={({ sku, title }) => `${title} ${sku}`}
          isMarked={({ difference }) => difference !== 0}
        />
      </Part>
      <Part name="channels">
        <Channels rows={report.channels} />
      </Part>
      <Part name="batches">
        <Batches rows={report.batches} startedAtMs={report.started_at_ms} />
      </Part>
      <Part name="alerts">
        <Alerts rows={report.alerts} startedAtMs={report.started_at_ms} titleOf={nameOf} />
      </Part>
      <Part name="refusals" hint>
        <Refused rows={report.refusals} />
      </Part>
      <Part name="counts">
        <Counted rows={report.counts} />
      </Part>
    </>
  );
}

interface PartProps {
  readonly name: string;
  readonly hint?: boolean;
  readonly children: ComponentChildren;
}

function Part({ name, hint = false, children }: PartProps) {
  const title = t(`after.part.${name}`);
  return (
    <section class="card" aria-label={title} data-part={name}>
      <h3>{title}</h3>
      {hint && <p class="quiet">{t(`after.part.${name}.hint`)}</p>}
      {children}
    </section>
  );
}

function Skus({ report }: { readonly report: Report }) {
  const [face, setFace] = useState<Face>("sales");
  const name: Column<ReportedSku> = {
    ...nameColumn<ReportedSku>(),
    draw: ({ sku, title }) => <a href={linkTo({ show: report.show, tab: "report", detail: sku })}>{title || sku}</a>,
  };
  return (
    <BigTable
      key={face}
      title={t("after.part.skus")}
      rows={report.skus}
      columns={columnsOf(face, report.started_at_ms, name)}
      keyOf={({ sku }) => sku}
      textOf={({ sku, title, link, category, supplier }) => `${link ?? ""} ${title} ${sku} ${category} ${supplier}`}
      first={{ id: "sold", desc: true }}
      isMarked={({ count: found }) => found !== null && found.difference !== 0}
    >
      <ChoiceField
        label={t("after.skus.face")}
        value={face}
        choices={FACES.map((each) => [each, t(`after.skus.face.${each}`)] as const)}
        onValue={(value) => setFace(FACES.find((each) => each === value) ?? "sales")}
      />
    </BigTable>
  );
}

function Compared({ rows }: { readonly rows: readonly ReportedSku[] }) {
  const sold = [...rows].sort((a, b) => b.stock.sold - a.stock.sold).slice(0, BARS_MAX);
  const planned = rows.filter(({ expected }) => expected !== null);
  const forecast = [...planned].sort((a, b) => (b.expected ?? 0) - (a.expected ?? 0)).slice(0, BARS_MAX);
  const row = ({ sku, title }: ReportedSku, values: BarRow["values"]): BarRow => ({
    key: sku,
    label: title || sku,
    values,
  });
  const most = (shown: number, of: number) =>
    of > shown ? t("after.bars.most", { shown: count(shown), of: count(of) }) : undefined;
  return (
    <div class="bars-pair">
      <Bars
        title={t("after.bars.sold")}
        hint={most(sold.length, rows.length)}
        parts={[t("after.column.sold"), t("after.sku.left")]}
        isStacked
        rows={sold.map((each) => row(each, [each.stock.sold, each.left_to_sell]))}
      />
      {forecast.length === 0 ? (
        <p class="quiet">{t("after.bars.no_plan")}</p>
      ) : (
        <Bars
          title={t("after.bars.forecast")}
          hint={most(forecast.length, planned.length)}
          parts={[t("after.total.expected"), t("after.column.sold")]}
          isStacked={false}
          rows={forecast.map((each) => row(each, [each.expected, each.stock.sold]))}
        />
      )}
    </div>
  );
}
