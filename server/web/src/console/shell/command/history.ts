/** The lines that were entered before. Pure. */

/** So many are kept. */
export const LINES_MAX = 50;

export class History {
  #lines: string[] = [];
  /** How far back one is; 0: at the line that is being written. */
  #back = 0;
  #draft = "";

  /** A line was entered. The same twice in a row is kept once. */
  add(line: string): void {
    if (line.trim() !== "" && this.#lines.at(-1) !== line) this.#lines = [...this.#lines, line].slice(-LINES_MAX);
    this.#back = 0;
  }

  /** The line before the one that is shown; `current` is what stands there. */
  before(current: string): string {
    if (this.#back === 0) this.#draft = current;
    this.#back = Math.min(this.#back + 1, this.#lines.length);
    return this.#shown();
  }

  /** The line behind it; at the end what was being written. */
  behind(): string {
    this.#back = Math.max(0, this.#back - 1);
    return this.#shown();
  }

  #shown(): string {
    return this.#back === 0 ? this.#draft : (this.#lines.at(-this.#back) ?? this.#draft);
  }
}
