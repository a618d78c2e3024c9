/**
 * What a screen reader is told about the room, and how often. Pure: times come in, sentences come out.
 *
 * A room may change sixty times a second and a voice says three words in one. So counts are never said; what the room
 * says waits its turn, newest first, and the same sentence is not repeated. What concerns the viewer's own
 * reservations does not pass here: it is said at once.
 */

/** Between two sentences about the room, in ms. */
export const ROOM_GAP_MS = 10_000;
/** The same sentence again only after this, in ms. */
export const REPEAT_AFTER_MS = 60_000;
/** An event this old is not news any more, in ms. */
export const STALE_AFTER_MS = 12_000;

interface Waiting {
  sentence: string;
  weight: number;
  atMs: number;
}

export class Announcer {
  #saidAtMs = Number.NEGATIVE_INFINITY;
  #said = new Map<string, number>();
  #waiting: Waiting | null = null;

  /** When to call `take`, in ms of the same clock; null while nothing waits. */
  get dueMs(): number | null {
    return this.#waiting === null ? null : Math.max(this.#waiting.atMs, this.#saidAtMs + ROOM_GAP_MS);
  }

  /** Something happened. Of several sentences that wait, the weightier is kept, of equals the newer. */
  offer(sentence: string, nowMs: number, weight = 0): void {
    const current = this.#waiting;
    const stale = current !== null && nowMs - current.atMs > STALE_AFTER_MS;
    if (current === null || stale || weight >= current.weight) this.#waiting = { sentence, weight, atMs: nowMs };
  }

  /** It is not true any more: where it waits it is not said. */
  withdraw(sentence: string): void {
    if (this.#waiting?.sentence === sentence) this.#waiting = null;
  }

  /** What to say now, or null: nothing waits, it is too early, or it has just been said. */
  take(nowMs: number): string | null {
    const next = this.#waiting;
    if (next === null || nowMs < this.#saidAtMs + ROOM_GAP_MS) return null;
    this.#waiting = null;
    if (nowMs - next.atMs > STALE_AFTER_MS) return null;
    const before = this.#said.get(next.sentence);
    if (before !== undefined && nowMs - before < REPEAT_AFTER_MS) return null;
    this.#forget(nowMs);
    this.#said.set(next.sentence, nowMs);
    this.#saidAtMs = nowMs;
    return next.sentence;
  }

  #forget(nowMs: number): void {
    for (const [sentence, atMs] of this.#said) if (nowMs - atMs >= REPEAT_AFTER_MS) this.#said.delete(sentence);
  }
}
