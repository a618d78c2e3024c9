/** The parts of a report that are short: channels, batches, alerts, refusals, counts. */

import { t } from "../../../shared/i18n";
import { addressOf, where } from "../../address";
import type { BatchDuring, ChannelDuring, CountDuring, RefusedCode, ReportedAlert } from "../../api/schema";
import { BigTable, type Column } from "../table/BigTable";
import { clock, NONE } from "./numbers";
import { actionText, alertText, refusedText } from "./sentences";

function units<R>(id: string, of: (row: R) => number, label = t(`after.column.${id}`)): Column<R> {
  return { id, label, rem: 6, isNumber: true, value: of };
}

function words<R>(id: string, rem: number, label: string, of: (row: R) => string): Column<R> {
  return { id, label, rem, value: (row) => of(row) || null };
}

export function Channels({ rows }: { readonly rows: readonly ChannelDuring[] }) {
  const columns: readonly Column<ChannelDuring>[] = [
    {
      id: "channel",
      label: t("after.channel"),
      rem: 12,
      isName: true,
      value: ({ channel, title, is_show }) =>
        t(is_show ? "after.channel.show" : "after.channel.name", { name: title || channel }),
    },
    units("orders", ({ orders }) => orders, t("after.total.orders")),
    units("sold", ({ sold }) => sold),
    units("cancelled", ({ cancelled }) => cancelled),
    units("presale", ({ presale_sold }) => presale_sold, t("after.presale")),
    units("shipped", ({ shipped }) => shipped),
    units("oversold", ({ oversold }) => oversold, t("after.pool.oversold")),
    units("moved_in", ({ moved_in }) => moved_in, t("after.pool.moved_in")),
    units("moved_out", ({ moved_out }) => moved_out, t("after.pool.moved_out")),
  ];
  return (
    <BigTable
      title={t("after.part.channels")}
      rows={rows}
      columns={columns}
      keyOf={({ channel }) => channel}
      textOf={({ channel, title }) => `${title} ${channel}`}
    />
  );
}

interface BatchProps {
  readonly rows: readonly BatchDuring[];
  readonly startedAtMs: number;
}

export function Batches({ rows, startedAtMs }: BatchProps) {
  if (rows.length === 0) return <p class="quiet">{t("after.batches.none")}</p>;
  const columns: readonly Column<BatchDuring>[] = [
    { id: "batch", label: t("after.batch"), rem: 9, isName: true, value: ({ batch }) => batch },
    words("channel", 7, t("after.channel"), ({ channel }) => channel),
    {
      ...words<BatchDuring>("opened", 7, t("after.batch.opened"), () => ""),
      value: ({ opened_at_ms }) => opened_at_ms,
      text: ({ opened_at_ms }) => clock(opened_at_ms, startedAtMs),
    },
    {
      ...words<BatchDuring>("closed", 8, t("after.batch.closed"), () => ""),
      value: ({ closed_at_ms }) => closed_at_ms,
      text: ({ closed_at_ms, missed }) =>
        closed_at_ms === null
          ? t(missed ? "after.batch.missed" : "after.batch.open")
          : clock(closed_at_ms, startedAtMs),
    },
    units("units", ({ units: all }) => all, t("after.batch.units")),
    units("sold", ({ sold }) => sold),
    units("left", ({ left }) => left, t("after.sku.left")),
    words("leftover", 9, t("after.batch.leftover"), ({ leftover_to }) => leftover_to),
  ];
  return (
    <BigTable
      title={t("after.part.batches")}
      rows={rows}
      columns={columns}
      keyOf={({ batch }) => batch}
      textOf={({ batch, channel }) => `${batch} ${channel}`}
    />
  );
}

interface AlertProps {
  readonly rows: readonly ReportedAlert[];
  readonly startedAtMs: number;
  readonly titleOf: (sku: string) => string;
}

export function Alerts({ rows, startedAtMs, titleOf }: AlertProps) {
  if (rows.length === 0) return <p class="quiet">{t("after.alerts.none")}</p>;
  const at = (id: string, of: (row: ReportedAlert) => number | null): Column<ReportedAlert> => ({
    id,
    label: t(`after.alert.${id}`),
    rem: 6,
    value: of,
    text: (row) => clock(of(row), startedAtMs),
  });
  const columns: readonly Column<ReportedAlert>[] = [
    { id: "rule", label: t("after.alert"), rem: 13, isName: true, value: alertText },
    words("about", 12, t("after.column.goods"), ({ sku }) => (sku === "" ? "" : titleOf(sku))),
    words("severity", 6, t("after.alert.severity"), ({ severity }) => t(`board.severity.${severity}`)),
    at("fired", ({ fired_at_ms }) => fired_at_ms),
    at("read", ({ acknowledged_at_ms }) => acknowledged_at_ms),
    words("read_by", 8, t("after.alert.read_by"), ({ acknowledged_by }) => acknowledged_by),
    words("acted", 14, t("after.alert.acted"), (row) => actedText(row, startedAtMs)),
    at("resolved", ({ resolved_at_ms }) => resolved_at_ms),
    words("note", 12, t("after.alert.note"), ({ note }) => note),
  ];
  return (
    <BigTable
      title={t("after.part.alerts")}
      rows={rows}
      columns={columns}
      keyOf={({ id }) => id}
      textOf={(row) => `${alertText(row)} ${row.sku === "" ? "" : titleOf(row.sku)} ${row.acted_by} ${row.note}`}
    />
  );
}

/** What was done about it, who did it and when. */
function actedText({ acted, acted_by, acted_at_ms }: ReportedAlert, startedAtMs: number): string {
  if (acted === "") return "";
  return t("after.alert.acted.by", { what: actionText(acted), who: acted_by, at: clock(acted_at_ms, startedAtMs) });
}

export function Refused({ rows }: { readonly rows: readonly RefusedCode[] }) {
  if (rows.length === 0) return <p class="quiet">{t("after.refusals.none")}</p>;
  const columns: readonly Column<RefusedCode>[] = [
    { id: "code", label: t("after.refused.why"), rem: 16, isName: true, value: ({ code }) => refusedText(code) },
    units("people", ({ people }) => people, t("after.refused.people")),
    units("units", ({ units: all }) => all, t("after.refused.units")),
    units("count", ({ count: attempts }) => attempts, t("after.sku.attempts")),
  ];
  return (
    <BigTable
      title={t("after.part.refusals")}
      rows={rows}
      columns={columns}
      keyOf={({ code }) => code}
      textOf={({ code }) => refusedText(code)}
      first={{ id: "people", desc: true }}
    />
  );
}

export function Counted({ rows }: { readonly rows: readonly CountDuring[] }) {
  if (rows.length === 0) return <p class="quiet">{t("after.counts.none")}</p>;
  const { pool, room } = where.value;
  const columns: readonly Column<CountDuring>[] = [
    {
      id: "count",
      label: t("after.open.count"),
      rem: 11,
      isName: true,
      value: ({ count: id }) => id,
      draw: ({ count: id, kind }) => (
        <a href={addressOf({ pool, room, view: "counts", part: `count/${id}` })}>{t(`counts.kind.${kind}`)}</a>
      ),
    },
    {
      ...words<CountDuring>("applied", 8, t("after.counts.applied"), () => ""),
      value: ({ applied_at_ms }) => applied_at_ms,
      text: ({ applied_at_ms }) => clock(applied_at_ms, 0),
    },
    units("skus", ({ skus }) => skus, t("after.total.skus_counted")),
    units("gained", ({ gained }) => gained, t("after.pool.gained")),
    units("lost", ({ lost }) => lost, t("after.pool.lost")),
    units("shortage", ({ shortage }) => shortage, t("after.counts.shortage")),
    words("signed", 12, t("after.counts.signed"), ({ signed_by }) => signed_by.join(t("after.comma")) || NONE),
  ];
  return (
    <BigTable
      title={t("after.part.counts")}
      rows={rows}
      columns={columns}
      keyOf={({ count: id }) => id}
      textOf={({ count: id, signed_by }) => `${id} ${signed_by.join(" ")}`}
    />
  );
}
