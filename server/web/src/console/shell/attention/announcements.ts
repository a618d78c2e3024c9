/**
 * What a screen reader is told of the whole console, and how often. Pure: times come in, sentences come out.
 *
 * A pool may change sixty times a second and a voice says three words in one. So counts are never said, and what is said
 * comes at most once in GAP_MS; what has come meanwhile is said together, the weightiest first.
 */

/** Between two messages, in ms. */
export const GAP_MS = 5_000;
/** So many sentences are one message at most. */
export const TOGETHER_MAX = 3;
/** So many wait at most; then the lightest, of those the oldest, is dropped. */
export const WAITING_MAX = 8;
/** What has waited for longer is not news any more, in ms. */
export const STALE_AFTER_MS = 30_000;

interface Waiting {
  readonly sentence: string;
  readonly weight: number;
  readonly atMs: number;
}

export class Announcements {
  #saidAtMs = Number.NEGATIVE_INFINITY;
  #waiting: readonly Waiting[] = [];

  /** When to call `take`, in ms of the same clock; null while nothing waits. */
  get dueMs(): number | null {
    return this.#waiting.length === 0 ? null : this.#saidAtMs + GAP_MS;
  }

  /** Something happened. One that waits already is said once. */
  offer(sentence: string, nowMs: number, weight = 0): void {
    const others = this.#waiting.filter((each) => each.sentence !== sentence);
    const all = [...others, { sentence, weight, atMs: nowMs }].sort((a, b) => b.weight - a.weight || a.atMs - b.atMs);
    if (all.length > WAITING_MAX) {
      const lightest = all.at(-1)?.weight;
      all.splice(
        all.findIndex((each) => each.weight === lightest),
        1,
      );
    }
    this.#waiting = all;
  }

  /** What to say now, or null: nothing waits, or it is too early. */
  take(nowMs: number): string | null {
    if (nowMs < this.#saidAtMs + GAP_MS) return null;
    const fresh = this.#waiting.filter((each) => nowMs - each.atMs <= STALE_AFTER_MS);
    this.#waiting = fresh.slice(TOGETHER_MAX);
    if (fresh.length === 0) return null;
    this.#saidAtMs = nowMs;
    return fresh
      .slice(0, TOGETHER_MAX)
      .map(({ sentence }) => sentence)
      .join(" ");
  }
}
