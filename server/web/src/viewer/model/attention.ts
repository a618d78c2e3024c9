/**
 * Which product stands on the stage. Pure.
 *
 * The host may turn to the next product in the very moment in which a viewer presses "reserve". So the stage stays
 * with a product while somebody is busy with it, and a press right after a change does not count. Nor does one on the
 * shelf right after its products have moved.
 */

/** After the last touch of its controls, the stage stays for this long, in ms. */
export const STAYS_MS = 8_000;
/** A press this soon after the product changed was meant for the one before, in ms. */
export const TOO_SOON_MS = 600;

export interface Attention {
  /** What the host shows. */
  spotlight: string | null;
  /** What the stage shows. */
  shown: string | null;
  /** Whether that is on the shelf still. */
  listed: boolean;
  /** When the viewer last touched the stage's controls, ms of the page's clock. */
  touchedAtMs: number | null;
  /** Whether the keyboard's focus or the pointer is on the controls, or an answer is awaited there. */
  busy: boolean;
  nowMs: number;
}

/** What the stage is to show now. */
export function stageOf(now: Attention): string | null {
  if (now.shown === null || now.shown === now.spotlight || !mayStay(now)) return now.spotlight;
  return now.shown;
}

/** When to ask `stageOf` again although nothing happens, or null. */
export function staysUntilMs(now: Attention): number | null {
  if (now.busy || now.touchedAtMs === null || stageOf(now) === now.spotlight) return null;
  return now.touchedAtMs + STAYS_MS;
}

/** Whether a press was meant for the product that stood there before. */
export function tooSoon(changedAtMs: number | null, pressedAtMs: number): boolean {
  return changedAtMs !== null && pressedAtMs - changedAtMs < TOO_SOON_MS;
}

/** Whether a place where a product stood has another one now: what is pressed there may be meant for the one before. */
export function isShifted(before: readonly string[], now: readonly string[]): boolean {
  return before.some((sku, place) => now[place] !== undefined && now[place] !== sku);
}

/** Nobody can be busy with what was taken off the shelf: its controls are gone. */
function mayStay(now: Attention): boolean {
  if (!now.listed) return false;
  return now.busy || (now.touchedAtMs !== null && now.nowMs - now.touchedAtMs < STAYS_MS);
}
