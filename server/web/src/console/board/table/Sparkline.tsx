/** What went in each of the last ten minutes and in this one, as small bars. */

import { useComputed } from "@preact/signals";
import { useBoard } from "../model";

const MINUTES = 10;
const STEP = 5;
const BAR = 4;
const HEIGHT = 16;

export function Sparkline({ sku }: { readonly sku: string }) {
  const { trend, facts } = useBoard();
  const path = useComputed(() => {
    trend.revision.value;
    const { minutes } = trend;
    const last = minutes.sku(sku).at(-1);
    const metric = facts.live.metric(sku);
    if (last === undefined) return "";
    const now = metric === undefined ? 0 : metric.held + metric.sold - last.held - last.sold;
    return bars([...minutes.taken(sku, minutes.lastMs, MINUTES), now]);
  });
  return (
    <svg class="spark" viewBox={`0 0 ${(MINUTES + 1) * STEP} ${HEIGHT}`} aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

/** A bar for each value; what came back has none. */
export function bars(values: readonly number[]): string {
  const most = Math.max(1, ...values);
  return values
    .map((value, place) => {
      const height = value <= 0 ? 0 : Math.max(1.5, (value / most) * HEIGHT);
      return height === 0 ? "" : `M${place * STEP} ${HEIGHT}v${-round(height)}h${BAR}v${round(height)}z`;
    })
    .join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
