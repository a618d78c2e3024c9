/** What a SKU came to in its last shows: forecast, lost demand, counted differences, and what was decided. */

import { useEffect, useMemo } from "preact/hooks";
import { dateAndTime } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { answerOf } from "../../api/client";
import type { SkuShow, SkuShows } from "../../api/schema";
import type { Console } from "../../console";
import { Kept } from "../../live/kept";
import { linkTo } from "../place";
import { AwayText } from "../report/AwayText";
import { Bars } from "../report/Bars";
import { about, clock, lostText, NONE, signed, unitsOr } from "../report/numbers";
import { decisionText } from "../suggested/sentences";
import { BigTable, type Column } from "../table/BigTable";

export function History({ it, sku }: { readonly it: Console; readonly sku: string }) {
  const kept = useMemo(
    () =>
      new Kept<SkuShows>(() =>
        answerOf(it.api.GET("/v1/pools/{pool}/history/{sku}", { params: { path: { pool: it.pool, sku } } })),
      ),
    [it, sku],
  );
  useEffect(() => {
    const end = it.live.onEvent(({ subject }) => {
      if (subject === sku) kept.changed();
    });
    return () => {
      end();
      kept.close();
    };
  }, [it, kept, sku]);
  const found = kept.want().value;
  const title = t("after.history");
  return (
    <section class="card" aria-label={title}>
      <h4>{title}</h4>
      <AwayText trouble={kept.trouble.value} onAgain={() => void kept.now()} />
      {found === null && kept.trouble.value === null && <p aria-busy="true">{t("after.reading")}</p>}
      {found !== null && found.shows.length === 0 && <p class="quiet">{t("after.history.none")}</p>}
      {found !== null && found.shows.length > 0 && <Shows found={found} title={title} />}
    </section>
  );
}

function Shows({ found, title }: { readonly found: SkuShows; readonly title: string }) {
  const { shows, means } = found;
  return (
    <>
      {means !== null && (
        <p>
          {t("after.history.means", {
            count: means.shows,
            shows: String(means.shows),
            sold: about(means.sold),
            lost: about(means.lost_units),
            error: means.forecast_error_size === null ? NONE : about(means.forecast_error_size),
            variance: means.variance === null ? NONE : about(means.variance),
          })}
        </p>
      )}
      <Bars
        title={t("after.bars.forecast")}
        parts={[t("after.total.expected"), t("after.column.sold")]}
        isStacked={false}
        rows={[...shows].reverse().map(({ show, started_at_ms, expected, sold }) => ({
          key: show,
          label: dateAndTime(started_at_ms),
          values: [expected, sold],
        }))}
      />
      <BigTable
        title={title}
        rows={shows}
        columns={COLUMNS()}
        keyOf={({ show }) => show}
        textOf={({ show }) => show}
        isTall
      />
    </>
  );
}

const COLUMNS = (): readonly Column<SkuShow>[] => [
  {
    id: "show",
    label: t("after.show"),
    rem: 10,
    isName: true,
    value: ({ started_at_ms }) => started_at_ms,
    text: ({ started_at_ms }) => dateAndTime(started_at_ms),
    draw: ({ show, started_at_ms }) => <a href={linkTo({ show, tab: "report" })}>{dateAndTime(started_at_ms)}</a>,
  },
  number("expected", t("after.total.expected"), ({ expected }) => expected, unitsOr),
  number("sold", t("after.column.sold"), ({ sold }) => sold, unitsOr),
  number("error", t("after.total.error"), ({ forecast_error }) => forecast_error, signed),
  {
    ...number("lost", t("after.total.lost"), ({ lost_units }) => lost_units, unitsOr),
    rem: 11,
    text: ({ lost_people, lost_units }) => lostText({ people: lost_people, units: lost_units }),
  },
  number("variance", t("after.column.difference"), ({ variance }) => variance, signed),
  number("closing", t("after.pool.closing"), ({ closing }) => closing, unitsOr),
  {
    id: "sold_out",
    label: t("after.sku.sold_out_at"),
    rem: 7,
    value: ({ sold_out_at_ms }) => sold_out_at_ms,
    text: ({ sold_out_at_ms, started_at_ms }) => clock(sold_out_at_ms, started_at_ms),
  },
  {
    id: "decided",
    label: t("after.decided"),
    rem: 14,
    value: ({ decision }) => (decision === null ? null : decisionText(decision)),
    text: ({ decision }) => (decision === null ? t("after.decided.not") : decisionText(decision)),
  },
];

function number(
  id: string,
  label: string,
  of: (row: SkuShow) => number | null,
  written: (value: number | null) => string,
): Column<SkuShow> {
  return { id, label, rem: 6, isNumber: true, value: of, text: (row) => written(of(row)) };
}
