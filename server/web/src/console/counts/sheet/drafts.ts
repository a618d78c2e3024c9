/** What is typed on a count sheet and not saved yet: this browser keeps it until it is, whatever becomes of the page, the
 * connection or the session. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { keepText, recallText } from "../../browserMemory";

/** A line as it is typed. */
export interface LineDraft {
  readonly sku: string;
  /** A saved line that is mended; null for a new one. */
  readonly mends: number | null;
  /** The line that the server has noted the beginning of, and where it was begun; null where it could not be told. */
  readonly opened: Opened | null;
  /** It makes a new line happen once, however often it is sent. */
  readonly key: string;
  readonly zone: string;
  readonly lot: string;
  readonly expires: string;
  readonly good: string;
  readonly bad: string;
  readonly note: string;
}

export interface Opened {
  readonly line: number;
  readonly begunSeq: number;
  readonly zone: string;
}

/** Whether somebody has typed into it: one that was only opened is nothing to keep from going. */
export function isTyped({ good, bad, note, lot, expires }: LineDraft): boolean {
  return [good, bad, note, lot, expires].some((text) => text !== "");
}

const KEY = "shelfcast.console.counting";

export class Drafts {
  readonly #all = signal<ReadonlyMap<string, LineDraft>>(new Map());
  /** SKU → what is typed of it. */
  readonly value: ReadonlySignal<ReadonlyMap<string, LineDraft>> = this.#all;
  readonly #name: string;

  /** Those of one person on one sheet. */
  constructor(pool: string, count: string, user: string) {
    this.#name = [KEY, pool, count, user].join(" ");
    this.#all.value = new Map(read(recallText(this.#name)).map((draft) => [draft.sku, draft]));
  }

  put(draft: LineDraft): void {
    this.#keep(new Map(this.#all.peek()).set(draft.sku, draft));
  }

  drop(sku: string): void {
    const rest = new Map(this.#all.peek());
    if (rest.delete(sku)) this.#keep(rest);
  }

  #keep(drafts: ReadonlyMap<string, LineDraft>): void {
    this.#all.value = drafts;
    keepText(this.#name, JSON.stringify([...drafts.values()]));
  }
}

/** What was kept; what another version of the page has kept in a form of its own is nothing. */
function read(text: string | null): readonly LineDraft[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(found) ? found.filter(isDraft) : [];
  } catch {
    return [];
  }
}

const TEXTS = ["sku", "key", "zone", "lot", "expires", "good", "bad", "note"] as const;

function isDraft(each: unknown): each is LineDraft {
  if (typeof each !== "object" || each === null || !("mends" in each) || !("opened" in each)) return false;
  return TEXTS.every((name) => typeof (each as Record<string, unknown>)[name] === "string");
}
