/** A show's minutes as charts and tables have them. Pure. */

import type { ReportEvent, ReportMinute } from "../../api/schema";

/** Points of a chart, and rows of the table beside it. */
export const STEPS_MAX = 180;

const MINUTE_MS = 60_000;

/** What went in a step of the show, and who watched at its end. */
export interface Step {
  readonly fromMs: number;
  readonly toMs: number;
  readonly minutes: number;
  readonly viewers: number;
  readonly taken: number;
  readonly paid: number;
  readonly refused: number;
}

/** The minutes, whose counts grow since the beginning, as what each step added; of a long show a step is several minutes. */
export function stepsOf(minutes: readonly ReportMinute[], most = STEPS_MAX): readonly Step[] {
  const each = Math.max(1, Math.ceil(minutes.length / most));
  const steps: Step[] = [];
  let before = { taken: 0, paid: 0, refused: 0 };
  for (let start = 0; start < minutes.length; start += each) {
    const stretch = minutes.slice(start, start + each);
    const [first, last] = [stretch[0], stretch.at(-1)];
    if (first === undefined || last === undefined) break;
    steps.push({
      fromMs: first.at_ms,
      toMs: last.at_ms + MINUTE_MS,
      minutes: stretch.length,
      viewers: last.viewers,
      // What was given back is no sale of a negative number: it lowers the sum alone.
      taken: Math.max(0, last.taken - before.taken),
      paid: Math.max(0, last.paid - before.paid),
      refused: Math.max(0, last.refused - before.refused),
    });
    before = last;
  }
  return steps;
}

/** The events that happened in each step; what came later is the last one's. */
export function eventsOf(steps: readonly Step[], events: readonly ReportEvent[]): readonly (readonly ReportEvent[])[] {
  const found: ReportEvent[][] = steps.map(() => []);
  for (const event of events) {
    const place = steps.findIndex(({ toMs }) => event.at_ms < toMs);
    found[place < 0 ? found.length - 1 : place]?.push(event);
  }
  return found;
}
