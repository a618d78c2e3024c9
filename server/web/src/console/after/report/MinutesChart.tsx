/** The show minute by minute: units taken and paid and who watched, with what happened drawn over the lines. */

import { useMemo } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { Report, ReportEvent } from "../../api/schema";
import { Chart, type Line } from "../../board/trend/Chart";
import type { Happened, HappenedKind } from "../../board/trend/happened";
import { clock } from "./numbers";
import { eventText } from "./sentences";
import { eventsOf, type Step, stepsOf } from "./steps";

/** Events drawn over the lines: of more the first ones; the table has them all. */
const DRAWN_MAX = 200;
const MINUTE_S = 60;

const KINDS: Readonly<Record<string, HappenedKind>> = { spotlight: "on_air", status: "status", alert: "alert" };

export function MinutesChart({
  report,
  titleOf,
}: {
  readonly report: Report;
  readonly titleOf: (sku: string) => string;
}) {
  const { minutes, events } = report;
  const steps = useMemo(() => stepsOf(minutes), [minutes]);
  const happened = useMemo(() => events.slice(0, DRAWN_MAX).map((event, n) => drawn(event, n)), [events]);
  if (steps.length === 0) return <p class="quiet">{t("after.minutes.none")}</p>;
  const times = steps.map(({ toMs }) => toMs / 1000);
  const lines: Line[] = [
    {
      label: t("after.minutes.viewers"),
      colour: "--accent",
      kind: "line",
      values: steps.map(({ viewers }) => viewers),
    },
    line("taken", "--chart-bars", "bars", steps),
    line("paid", "--chart-second", "line", steps),
  ];
  const title = t(steps.some((step) => step.minutes > 1) ? "after.minutes.stretches" : "after.minutes");
  const each = (steps[0]?.minutes ?? 1) * MINUTE_S;
  return (
    <Chart
      title={title}
      from={(times[0] ?? 0) - each}
      to={(times.at(-1) ?? 0) + each / 2}
      times={times}
      lines={lines}
      events={happened}
    >
      <Table title={title} report={report} steps={steps} titleOf={titleOf} />
    </Chart>
  );
}

function line(name: "taken" | "paid", colour: string, kind: Line["kind"], steps: readonly Step[]): Line {
  return { label: t(`after.minutes.${name}`), colour, kind, isRight: true, values: steps.map((step) => step[name]) };
}

function drawn({ at_ms: atMs, kind, sku }: ReportEvent, n: number): Happened {
  return { n, atMs, kind: KINDS[kind] ?? "status", says: kind, value: sku, actor: "" };
}

const NUMBERS = ["viewers", "taken", "paid", "refused"] as const;

interface TableProps {
  readonly title: string;
  readonly report: Report;
  readonly steps: readonly Step[];
  readonly titleOf: (sku: string) => string;
}

function Table({ title, report, steps, titleOf }: TableProps) {
  const happened = eventsOf(steps, report.events);
  return (
    <table>
      <caption class="visually-hidden">{title}</caption>
      <thead>
        <tr>
          <th scope="col">{t("after.minutes.until")}</th>
          {NUMBERS.map((name) => (
            <th key={name} scope="col">
              {t(`after.minutes.${name}`)}
            </th>
          ))}
          <th scope="col">{t("after.minutes.happened")}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step, place) => (
          <tr key={step.fromMs}>
            <th scope="row">{clock(step.fromMs, report.started_at_ms)}</th>
            {NUMBERS.map((name) => (
              <td key={name}>{count(step[name])}</td>
            ))}
            <td>{(happened[place] ?? []).map((each) => eventText(each, titleOf)).join(t("after.between"))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
