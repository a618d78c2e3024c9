/** What one person enters of a delivery: kept in this browser until the server has it, and said to it whole. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { t } from "../../../shared/i18n";
import { type Answer, answerOfWrite } from "../../api/client";
import type { ReceiptItem, ReceiptLineItem } from "../../api/schema";
import { keepText, recallText } from "../../browserMemory";
import type { Desk } from "../desk";
import { refusalText } from "../refusals";

/** A line as it was entered; `expires` is empty where there is none. */
export interface EntryLine {
  readonly sku: string;
  readonly good: number;
  readonly bad: number;
  readonly lot: string;
  readonly expires: string;
  readonly note: string;
}

/** What tells two lines of one delivery apart. */
export function placeOf({ sku, lot, expires }: EntryLine): string {
  return [sku, lot, expires].join("\u001f");
}

/** The lines with this one: in place of one of the same SKU, lot and day, else as the last. */
export function withLine(lines: readonly EntryLine[], line: EntryLine): readonly EntryLine[] {
  const at = lines.findIndex((each) => placeOf(each) === placeOf(line));
  return at < 0 ? [...lines, line] : lines.with(at, line);
}

export function lineOf({ sku, good, bad, lot, expires_on, note }: ReceiptLineItem): EntryLine {
  return { sku, good, bad, lot, expires: expires_on ?? "", note };
}

const KEY = "shelfcast.console.receiving";

export class Entry {
  readonly #lines = signal<readonly EntryLine[] | null>(null);
  readonly #trouble = signal("");
  readonly #busy = signal(false);
  /** What is typed and the server has not taken yet; null while it has all. */
  readonly unsent: ReadonlySignal<readonly EntryLine[] | null> = this.#lines;
  readonly trouble: ReadonlySignal<string> = this.#trouble;
  readonly busy: ReadonlySignal<boolean> = this.#busy;
  readonly #name: string;

  constructor(
    private readonly desk: Desk,
    readonly receipt: string,
    private readonly took: (item: ReceiptItem) => void,
  ) {
    this.#name = [KEY, desk.pool, receipt, desk.user].join(" ");
    this.#lines.value = read(recallText(this.#name));
  }

  /** Keep these lines, and say them to the server. Whether it has taken them. */
  async put(lines: readonly EntryLine[], done = false): Promise<boolean> {
    this.#keep(lines);
    this.#busy.value = true;
    const answer = await this.#send(lines, done);
    this.#busy.value = false;
    if (!answer.ok) {
      this.#trouble.value = answer.status === 0 ? t("counts.receipt.unsent") : refusalText(answer);
      return false;
    }
    this.#trouble.value = "";
    // What was typed meanwhile is not there yet.
    if (this.#lines.peek() === lines) this.#keep(null);
    this.took(answer.value);
    return true;
  }

  #send(lines: readonly EntryLine[], done: boolean): Promise<Answer<ReceiptItem>> {
    const params = { path: { pool: this.desk.pool, receipt: this.receipt } };
    const body = {
      done,
      lines: lines.map(({ expires, ...line }) => ({ ...line, ...(expires !== "" && { expires_on: expires }) })),
    };
    return answerOfWrite(() => this.desk.api.PUT("/v1/pools/{pool}/receipts/{receipt}/entry", { params, body }));
  }

  #keep(lines: readonly EntryLine[] | null): void {
    this.#lines.value = lines;
    keepText(this.#name, lines === null ? "" : JSON.stringify(lines));
  }
}

/** What was kept; what another version of the page has kept in a form of its own is nothing. */
function read(text: string | null): readonly EntryLine[] | null {
  try {
    const found: unknown = JSON.parse(text || "null");
    return Array.isArray(found) && found.every(isLine) ? found : null;
  } catch {
    return null;
  }
}

function isLine(each: unknown): each is EntryLine {
  if (typeof each !== "object" || each === null) return false;
  const { sku, good, bad, lot, expires, note } = each as Record<string, unknown>;
  return [sku, lot, expires, note].every((text) => typeof text === "string") && [good, bad].every(Number.isInteger);
}
