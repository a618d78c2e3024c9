/** The count of the last half hour, as steps: between two changes nothing happened. */

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useSecond } from "../shared/clock";
import { count } from "../shared/format";
import { type Language, language, localeOf, t } from "../shared/i18n";
import type { Live } from "../shared/live";
import { TREND_MS, type Trends } from "./trend";

/** The shortest time a chart shows. */
const CHART_MIN_MS = 5 * 60_000;
/** What is drawn on a new chart: nothing. */
const NEVER = { revision: -1, atMs: Number.NEGATIVE_INFINITY, pixelMs: 0 };

interface Props {
  readonly live: Live;
  readonly trends: Trends;
  readonly sku: string;
}

export function TrendChart({ live, trends, sku }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const drawn = useRef(NEVER);
  const second = useSecond();
  const spoken = language.value;
  const left = live.sku(sku).value?.available ?? 0;

  // Made anew for a language.
  useEffect(() => {
    const at = place.current;
    if (at === null) return;
    const plot = new uPlot(options(at, spoken), [[], []], at);
    chart.current = plot;
    drawn.current = NEVER;
    const observer = new ResizeObserver(() => plot.setSize(sizeOf(at)));
    observer.observe(at);
    return () => {
      observer.disconnect();
      plot.destroy();
      chart.current = null;
    };
  }, [spoken]);
  // Drawn at most once a second, however often the count changes, and only where a pixel would be another.
  const { current } = live.connection.value;
  useEffect(() => {
    const plot = chart.current;
    const trend = trends.of(sku);
    if (plot === null || trend === undefined) return;
    const nowMs = live.room.serverNowMs();
    const { revision, atMs, pixelMs } = drawn.current;
    if (trend.revision === revision && Math.abs(nowMs - atMs) < pixelMs) return;
    const points = trend.points(nowMs);
    const begin = beginOf(points[0], nowMs);
    drawn.current = {
      revision: trend.revision,
      atMs: nowMs,
      pixelMs: (nowMs - begin * 1000) / Math.max(1, plot.width),
    };
    plot.batch(() => {
      plot.setData([points[0], points[1]], false);
      plot.setScale("x", { min: begin, max: nowMs / 1000 });
      plot.setScale("y", { min: 0, max: Math.max(1, ...points[1].map((value) => value ?? 0)) * 1.08 });
    });
  }, [second.value, current, spoken, sku, trends, live]);

  return (
    <figure class="trend">
      <figcaption>{t("trend.title")}</figcaption>
      <div ref={place} class="plot" role="img" aria-label={t("trend.label", { left: count(left) })} />
    </figure>
  );
}

/** Where the chart begins: a young one is not pressed against its edge. */
function beginOf(times: readonly number[], nowMs: number): number {
  const firstMs = Math.min((times[0] ?? Infinity) * 1000, nowMs - CHART_MIN_MS);
  return Math.max(firstMs, nowMs - TREND_MS) / 1000;
}

function sizeOf(at: HTMLElement) {
  return { width: Math.max(1, at.clientWidth), height: Math.max(1, at.clientHeight) };
}

function options(at: HTMLElement, spoken: Language): uPlot.Options {
  const style = getComputedStyle(at);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  // As large as the letters around it, which grow with the screen.
  const font = `${Math.round(Number.parseFloat(style.fontSize) * 0.85)}px ${style.fontFamily}`;
  const clock = new Intl.DateTimeFormat(localeOf(spoken), { timeStyle: "short" });
  const axis: uPlot.Axis = {
    stroke: colour("--ink-quiet"),
    font,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    ...sizeOf(at),
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: true, auto: false }, y: { auto: false } },
    axes: [
      {
        ...axis,
        space: 90,
        size: Math.round(Number.parseFloat(style.fontSize) * 2),
        values: (_plot, splits) => splits.map((s) => clock.format(s * 1000)),
      },
      {
        ...axis,
        size: Math.round(Number.parseFloat(style.fontSize) * 3.6),
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000],
      },
    ],
    series: [
      {},
      {
        stroke: colour("--accent"),
        fill: colour("--accent-wash"),
        width: 3,
        points: { show: false },
        paths: uPlot.paths.stepped?.({ align: 1 }),
      },
    ],
  };
}
