/** The trends of the SKU that is chosen, or on air, and of the room. */

import { untracked, useComputed } from "@preact/signals";
import { useState } from "preact/hooks";
import { useSecond } from "../../../shared/clock";
import { count } from "../../../shared/format";
import { language, localeOf, t } from "../../../shared/i18n";
import { nameOf } from "../../../staff/alerts";
import { useBoard, useTitle } from "../model";
import { recall, remember } from "../remembered";
import { Chart, type Line } from "./Chart";
import { explaining, type Happened } from "./happened";
import { KEPT, MINUTE_MS } from "./minutes";

/** Events drawn over a trend: the last ones. */
const EVENTS_MAX = 40;
/** What changes meanwhile is drawn at most this often, in ms. */
const DRAWN_EVERY_MS = 5_000;

const isFlag = (value: unknown): value is boolean => typeof value === "boolean";

export function Charts() {
  const [isOpen, setOpen] = useState(() => recall("charts", isFlag) ?? true);
  const { chosen, it } = useBoard();
  const sku = chosen.value ?? it.stage?.spotlight.value ?? null;
  return (
    <details
      class="board-charts"
      open={isOpen}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
        remember("charts", event.currentTarget.open);
      }}
    >
      <summary>{t("board.charts")}</summary>
      {isOpen && (
        <div class="charts">
          {sku !== null && <ItemChart key={sku} sku={sku} />}
          <RoomChart />
        </div>
      )}
    </details>
  );
}

/** A young show is not pressed against the edge, in s. */
const LEAST_S = 600;

function span(times: readonly number[], nowMs: number): { readonly from: number; readonly to: number } {
  const to = nowMs / 1000;
  return { from: Math.max(to - (KEPT * MINUTE_MS) / 1000, Math.min(times[0] ?? to, to - LEAST_S)), to };
}

/** The time now, in ms, every few seconds. */
function useNowMs(): number {
  const second = useSecond();
  return useComputed(() => Math.floor(second.value / DRAWN_EVERY_MS) * DRAWN_EVERY_MS).value;
}

function useEvents(sku: string | null, nowMs: number): readonly Happened[] {
  const { it } = useBoard();
  return explaining(it.live.actions.value, it.room, sku, nowMs - KEPT * MINUTE_MS, EVENTS_MAX);
}

function ItemChart({ sku }: { readonly sku: string }) {
  const { trend, facts } = useBoard();
  const title = t("board.chart.item", { title: useTitle(sku) });
  trend.revision.value;
  const nowMs = useNowMs();
  const events = useEvents(sku, nowMs);
  const { minutes } = trend;
  const first = nowMs - KEPT * MINUTE_MS;
  // At the end of each minute; what is true now stands at the end.
  const rows = minutes.sku(sku).filter(({ minuteMs }) => minuteMs >= first);
  const taken = minutes.taken(sku, minutes.lastMs, KEPT);
  const shown = facts.now.shown(sku);
  const times: number[] = [];
  const left: (number | null)[] = [];
  const pace: (number | null)[] = [];
  for (let place = 0; place < KEPT; place += 1) {
    const minuteMs = minutes.lastMs - (KEPT - 1 - place) * MINUTE_MS;
    const row = rows.findLast((each) => each.minuteMs <= minuteMs);
    if (minutes.lastMs === 0 || row === undefined) continue;
    times.push((minuteMs + MINUTE_MS) / 1000);
    left.push(row.available);
    pace.push(Math.max(0, taken[place] ?? 0));
  }
  if (shown !== undefined && (times.at(-1) ?? 0) < nowMs / 1000) {
    times.push(nowMs / 1000);
    left.push(shown.available);
    pace.push(null);
  }
  const lines: Line[] = [
    { label: t("board.column.available"), colour: "--accent", kind: "steps", values: left },
    { label: t("board.chart.pace"), colour: "--chart-bars", kind: "bars", isRight: true, values: pace },
  ];
  return (
    <Chart title={title} {...span(times, nowMs)} times={times} lines={lines} events={events}>
      <Table title={title} times={times} lines={lines} events={events} />
    </Chart>
  );
}

function RoomChart() {
  const { trend } = useBoard();
  trend.revision.value;
  const nowMs = useNowMs();
  const events = useEvents(null, nowMs);
  const { minutes } = trend;
  const { show } = minutes;
  const taken = minutes.takenOfAll();
  const places = show.map(({ minuteMs }) => KEPT - 1 - Math.round((minutes.lastMs - minuteMs) / MINUTE_MS));
  const lines: Line[] = [
    { label: t("board.viewers"), colour: "--accent", kind: "line", values: show.map(({ viewers }) => viewers) },
    {
      label: t("board.chart.ordered"),
      colour: "--chart-bars",
      kind: "bars",
      isRight: true,
      values: places.map((place) => Math.max(0, taken[place] ?? 0)),
    },
    {
      label: t("board.chart.paid"),
      colour: "--chart-second",
      kind: "line",
      isRight: true,
      values: show.map(({ paid }, place) => Math.max(0, paid - (show[place - 1]?.paid ?? paid))),
    },
  ];
  const times = show.map(({ minuteMs }) => (minuteMs + MINUTE_MS) / 1000);
  return (
    <Chart title={t("board.chart.room")} {...span(times, nowMs)} times={times} lines={lines} events={events}>
      <Table title={t("board.chart.room")} times={times} lines={lines} events={events} />
    </Chart>
  );
}

interface TableProps {
  readonly title: string;
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly events: readonly Happened[];
}

/** Newest first: what one looks for is most often what was just now. */
function Table({ title, times, lines, events }: TableProps) {
  const clock = new Intl.DateTimeFormat(localeOf(language.value), { timeStyle: "short" });
  const texts = useWords();
  return (
    <table>
      <caption class="visually-hidden">{title}</caption>
      <thead>
        <tr>
          <th scope="col">{t("board.chart.time")}</th>
          {lines.map(({ label }) => (
            <th key={label} scope="col">
              {label}
            </th>
          ))}
          <th scope="col">{t("board.chart.happened")}</th>
        </tr>
      </thead>
      <tbody>
        {times
          .map((time, place) => {
            const from = place === 0 ? 0 : (times[place - 1] ?? 0);
            const then = events.filter(({ atMs }) => atMs / 1000 > from && atMs / 1000 <= time);
            return (
              <tr key={time}>
                <th scope="row">{clock.format(time * 1000)}</th>
                {lines.map(({ label, values }) => (
                  <td key={label}>{values[place] == null ? "" : count(values[place] ?? 0)}</td>
                ))}
                <td>{then.map((each) => texts(each)).join(" · ")}</td>
              </tr>
            );
          })
          .reverse()}
      </tbody>
    </table>
  );
}

/** What happened, in words. */
function useWords(): (one: Happened) => string {
  const { it } = useBoard();
  return ({ says, value, actor }) => {
    const text = t(says.includes(".") ? says : `board.happened.${says}`, {
      // Not drawn anew at each change of a SKU that something happened to.
      what: value === "" ? "" : untracked(() => it.titleOf(value)),
    });
    return actor === "" ? text : `${text} (${nameOf(actor)})`;
  };
}
