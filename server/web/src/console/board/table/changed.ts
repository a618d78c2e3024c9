/** Tints what has changed for a moment: the digits, never the row. */

/** In ms. */
export const TINT_MS = 600;

interface Tinted {
  readonly at: HTMLElement;
  untilMs: number;
}

// One timer for all, and two style changes for each: an animation would draw each frame of it.
const tinted = new Map<HTMLElement, Tinted>();
let timer: ReturnType<typeof setTimeout> | undefined;

export function tint(at: HTMLElement): void {
  const untilMs = performance.now() + TINT_MS;
  const known = tinted.get(at);
  if (known) {
    known.untilMs = untilMs;
    return;
  }
  at.dataset.changed = "";
  tinted.set(at, { at, untilMs });
  if (timer === undefined) timer = setTimeout(sweep, TINT_MS);
}

function sweep(): void {
  const nowMs = performance.now();
  let nextMs = Number.POSITIVE_INFINITY;
  for (const [at, { untilMs }] of tinted) {
    if (untilMs <= nowMs) {
      delete at.dataset.changed;
      tinted.delete(at);
    } else nextMs = Math.min(nextMs, untilMs);
  }
  timer = tinted.size === 0 ? undefined : setTimeout(sweep, Math.max(50, nextMs - nowMs));
}
