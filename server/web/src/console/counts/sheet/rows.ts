/** The SKUs of one count: read page by page, and anew when the count has changed. */

import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { type Answer, answerOf } from "../../api/client";
import type { CountItem, CountRowItem } from "../../api/schema";
import { Kept } from "../../live/kept";
import type { Desk } from "../desk";

/** Rows of one answer. */
const PAGE = 500;
/** Pages at most: more SKUs than a count may have. */
const PAGES_MAX = 100;
/** A row may change without its count saying so, such as by a line that is opened: all are read again so often, in ms. */
const ALL_EVERY_MS = 15_000;

export class SheetRows {
  readonly item: Kept<CountItem>;
  readonly #rows = signal<ReadonlyMap<string, CountRowItem> | null>(null);
  readonly #trouble = signal<number | null>(null);
  /** SKU → its row, by name; null while they are read for the first time. */
  readonly value: ReadonlySignal<ReadonlyMap<string, CountRowItem> | null> = this.#rows;
  readonly trouble: ReadonlySignal<number | null> = this.#trouble;
  readonly #end: () => void;
  #readOf = "";
  #readAtMs = 0;
  #reading = false;
  #again = false;
  #isClosed = false;
  /** How often a row was put by hand: an answer that was asked for before knows less. */
  #puts = new Map<string, number>();
  #put = 0;

  constructor(
    private readonly desk: Desk,
    readonly id: string,
  ) {
    const params = { path: { pool: desk.pool, count: id } };
    this.item = new Kept(async () => {
      const answer = await answerOf(desk.api.GET("/v1/pools/{pool}/counts/{count}", { params }));
      if (answer.ok) this.#follow(answer.value);
      return answer;
    });
    this.#end = desk.onChange(() => this.item.changed());
  }

  close(): void {
    this.#isClosed = true;
    this.#end();
    this.item.close();
  }

  /** A row as the server has just answered it. */
  put(row: CountRowItem): void {
    const rows = this.#rows.peek();
    this.#put += 1;
    this.#puts.set(row.sku, this.#put);
    if (rows !== null) this.#rows.value = new Map(rows).set(row.sku, row);
    this.desk.changed();
  }

  /** Read all rows anew. */
  async again(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    const began = this.#put;
    const answer = await this.#readAll();
    this.#reading = false;
    if (this.#isClosed) return;
    batch(() => {
      this.#trouble.value = answer.ok ? null : answer.status;
      if (answer.ok) this.#rows.value = this.#withPut(answer.value, began);
    });
    if (answer.ok) this.#readAtMs = performance.now();
    // What could not be read is read with the next change that is heard of.
    else this.#readOf = "";
    if (this.#again) {
      this.#again = false;
      await this.again();
    }
  }

  #follow(item: CountItem): void {
    const now = JSON.stringify(item);
    if (now === this.#readOf && performance.now() - this.#readAtMs < ALL_EVERY_MS) return;
    this.#readOf = now;
    void this.again();
  }

  /** Rows that were put while these were read stay as they were put. */
  #withPut(rows: readonly CountRowItem[], began: number): ReadonlyMap<string, CountRowItem> {
    const before = this.#rows.peek();
    const found = new Map(rows.map((row) => [row.sku, row]));
    for (const [sku, put] of this.#puts) {
      const row = before?.get(sku);
      if (put > began && row !== undefined) found.set(sku, row);
      else this.#puts.delete(sku);
    }
    return found;
  }

  async #readAll(): Promise<Answer<readonly CountRowItem[]>> {
    const found: CountRowItem[] = [];
    const path = { pool: this.desk.pool, count: this.id };
    let after: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const query = after === undefined ? { limit: PAGE } : { limit: PAGE, after };
      const answer = await answerOf(
        this.desk.api.GET("/v1/pools/{pool}/counts/{count}/rows", { params: { path, query } }),
      );
      if (!answer.ok) return answer;
      found.push(...answer.value.rows);
      if (answer.value.next === null) return { ...answer, value: found };
      after = answer.value.next;
    }
    return { ok: true, value: found, action: "", etag: "" };
  }
}
