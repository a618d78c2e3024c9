/** A chart of the last hour with what happened drawn over it, and the same as a table beside it. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { type Language, language, localeOf, t } from "../../../shared/i18n";
import type { Happened, HappenedKind } from "./happened";

export interface Line {
  readonly label: string;
  /** A token of the theme. */
  readonly colour: string;
  /** Steps where it is a count that stands, bars where it is what went in a minute. */
  readonly kind: "steps" | "bars" | "line";
  /** Its own scale at the right edge. */
  readonly isRight?: boolean;
  readonly values: readonly (number | null)[];
}

interface Props {
  readonly title: string;
  /** What is shown, in seconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** In seconds since 1970. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly events: readonly Happened[];
  /** The same as a table, for who would rather read it; a screen reader always has it. */
  readonly children: ComponentChildren;
}

const GLYPHS: Readonly<Record<HappenedKind, string>> = {
  on_air: "●",
  units: "+",
  batch: "▲",
  freeze: "Ⅱ",
  thaw: "▶",
  terms: "¥",
  status: "◆",
  undone: "↶",
  alert: "!",
};
/** Two glyphs that are nearer than this are drawn over each other, in pixels. */
const GLYPH_PX = 9;

export function Chart({ title, from, to, times, lines, events, children }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const happening = useRef(events);
  happening.current = events;
  const [isTable, setTable] = useState(false);
  const spoken = language.value;
  const form = lines.map(({ label, kind }) => `${label} ${kind}`).join();
  const scheme = useScheme();
  useEffect(() => {
    const at = place.current;
    if (at === null) return;
    const plot = new uPlot(
      options(at, spoken, lines, () => happening.current),
      [[]],
      at,
    );
    chart.current = plot;
    const observer = new ResizeObserver(() => plot.setSize(sizeOf(at)));
    observer.observe(at);
    return () => {
      observer.disconnect();
      plot.destroy();
      chart.current = null;
    };
  }, [spoken, form, scheme, isTable]);
  useEffect(() => {
    const plot = chart.current;
    plot?.batch(() => {
      plot.setData([times, ...lines.map(({ values }) => values)] as uPlot.AlignedData, false);
      for (const scale of ["y", "right"]) plot.setScale(scale, { min: 0, max: most(lines, scale === "right") });
      plot.setScale("x", { min: from, max: to });
    });
  });
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-legend">
          {lines.map(({ label, colour, kind }) => (
            <span key={label}>
              <span class="chart-key" data-kind={kind} style={`--key:var(${colour})`} aria-hidden="true" /> {label}
            </span>
          ))}
        </span>
        <button type="button" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          {t("board.chart.table")}
          <span class="visually-hidden">{`: ${title}`}</span>
        </button>
      </figcaption>
      {!isTable && <div ref={place} class="chart-plot" aria-hidden="true" />}
      {/* What scrolls can be scrolled by keys, too. */}
      <div class={isTable ? "chart-table" : "visually-hidden"} tabIndex={isTable ? 0 : undefined}>
        {children}
      </div>
    </figure>
  );
}

/** Colours are drawn as they are now: a chart is made anew in another theme. */
function useScheme(): string {
  const [scheme, setScheme] = useState("");
  useEffect(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const read = () => setScheme(`${dark.matches} ${document.documentElement.dataset.theme ?? ""}`);
    read();
    dark.addEventListener("change", read);
    const observer = new MutationObserver(read);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "style", "class"] });
    return () => {
      dark.removeEventListener("change", read);
      observer.disconnect();
    };
  }, []);
  return scheme;
}

/** The upper end of a scale: a little above what is drawn. */
function most(lines: readonly Line[], isRight: boolean): number {
  const values = lines.filter((line) => (line.isRight ?? false) === isRight).flatMap((line) => line.values);
  return Math.max(1, ...values.map((value) => value ?? 0)) * 1.15;
}

function sizeOf(at: HTMLElement) {
  return { width: Math.max(1, at.clientWidth), height: Math.max(1, at.clientHeight) };
}

function options(
  at: HTMLElement,
  spoken: Language,
  lines: readonly Line[],
  events: () => readonly Happened[],
): uPlot.Options {
  const style = getComputedStyle(at);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const size = Number.parseFloat(style.fontSize);
  const font = `${Math.round(size * 0.75)}px ${style.fontFamily}`;
  const clock = new Intl.DateTimeFormat(localeOf(spoken), { timeStyle: "short" });
  const axis: uPlot.Axis = {
    stroke: colour("--ink-quiet"),
    font,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  const whole = { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000] };
  return {
    ...sizeOf(at),
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: true, auto: false }, y: { auto: false }, right: { auto: false } },
    axes: [
      {
        ...axis,
        space: 70,
        incrs: [1, 5, 10, 15, 30, 60, 120, 240].map((minutes) => minutes * 60),
        size: Math.round(size * 1.6),
        values: (_, splits) => splits.map((s) => clock.format(s * 1000)),
      },
      { ...axis, ...whole, scale: "y", size: Math.round(size * 2.8), space: 26 },
      ...(lines.some(({ isRight }) => isRight)
        ? [
            {
              ...axis,
              ...whole,
              scale: "right",
              side: 1,
              size: Math.round(size * 2.4),
              space: 26,
              grid: { show: false },
            },
          ]
        : []),
    ],
    series: [{}, ...lines.map((line) => seriesOf(line, colour(line.colour)))],
    hooks: { draw: [(plot) => drawEvents(plot, events(), font, colour("--ink-quiet"), colour("--ink"))] },
  };
}

function seriesOf({ kind, isRight }: Line, stroke: string): uPlot.Series {
  const scale = isRight ? "right" : "y";
  const common = { scale, stroke, points: { show: false } };
  if (kind === "bars")
    return { ...common, fill: `${stroke}`, width: 0, paths: uPlot.paths.bars?.({ size: [0.7, 12] }) };
  if (kind === "steps") return { ...common, width: 2, paths: uPlot.paths.stepped?.({ align: 1 }) };
  return { ...common, width: 2 };
}

/** A line at each event, with a glyph of its kind on top. */
function drawEvents(plot: uPlot, events: readonly Happened[], font: string, line: string, ink: string): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = font.replace(/^(\d+)px/, (_, px: string) => `${Number(px) * ratio}px`);
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  ctx.lineWidth = ratio;
  let last = Number.NEGATIVE_INFINITY;
  for (const { atMs, kind } of events) {
    const x = Math.round(plot.valToPos(atMs / 1000, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = line;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (x - last >= GLYPH_PX * ratio) {
      ctx.fillStyle = ink;
      ctx.fillText(GLYPHS[kind], x, bbox.top);
      last = x;
    }
  }
  ctx.restore();
}
