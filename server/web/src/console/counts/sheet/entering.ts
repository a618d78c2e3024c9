/** What somebody enters on a sheet: a line is opened, saved, mended or dropped, a question answered. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { t } from "../../../shared/i18n";
import { type Answer, answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { CountLineItem, CountQuestionItem, CountRowItem, LineSaved } from "../../api/schema";
import type { Desk } from "../desk";
import { unitsOf } from "../form/units";
import { refusalText } from "../refusals";
import { Drafts, isTyped, type LineDraft } from "./drafts";
import type { SheetRows } from "./rows";

/** What stands against what was typed of a SKU. */
export interface Fault {
  readonly sku: string;
  /** The field that it is about; "" where it is about none. */
  readonly field: "good" | "bad" | "";
  readonly text: string;
  /** The server has not answered. */
  readonly isUnanswered?: boolean;
}

export class Entering {
  readonly drafts: Drafts;
  readonly #fault = signal<Fault | null>(null);
  readonly #busy = signal<ReadonlySet<string>>(new Set());
  readonly #zone = signal("");
  /** SKU → the line of it that is being opened. */
  readonly #opening = new Map<string, Promise<void>>();
  readonly fault: ReadonlySignal<Fault | null> = this.#fault;
  /** SKUs of which something is on its way. */
  readonly busy: ReadonlySignal<ReadonlySet<string>> = this.#busy;

  constructor(
    private readonly desk: Desk,
    private readonly rows: SheetRows,
  ) {
    this.drafts = new Drafts(desk.pool, rows.id, desk.user);
  }

  /** One's own lines of the round that is counted. */
  ownOf(row: CountRowItem): readonly CountLineItem[] {
    return row.lines.filter(({ by, round }) => by === this.desk.user && round === row.round);
  }

  /** Begin a line: the server notes the moment, so that it knows what left or came while it was counted. One that was begun
   * before is gone on with. */
  async begin(row: CountRowItem): Promise<void> {
    if (this.drafts.value.peek().has(row.sku)) return;
    this.#fault.value = null;
    const left = this.ownOf(row).find(({ open }) => open);
    const zone = left?.zone ?? (this.#zone.peek() || row.shelf_zone);
    const empty = { lot: "", expires: "", good: "", bad: "", note: "" };
    const opened = left === undefined ? null : { line: left.line, begunSeq: left.begun_seq, zone: left.zone };
    const draft: LineDraft = { sku: row.sku, mends: null, opened, key: newKey(), zone, ...empty };
    this.drafts.put(draft);
    if (left !== undefined) return;
    const opening = this.#open(draft).finally(() => this.#opening.delete(row.sku));
    this.#opening.set(row.sku, opening);
    await opening;
  }

  async #open({ sku, zone, key }: LineDraft): Promise<void> {
    const params = { path: this.#path, header: { "Idempotency-Key": `${key}o` } };
    const answer = await answerOfWrite(() =>
      this.desk.api.POST("/v1/pools/{pool}/counts/{count}/lines", { params, body: { sku, zone } }),
    );
    // Without an answer it is counted all the same: the server then asks about all that moved since the sheet was made.
    if (!answer.ok) {
      if (answer.status !== 0) this.#said(sku, answer);
      return;
    }
    const { line, row } = answer.value;
    this.rows.put(row);
    const begun = row.lines.find((each) => each.line === line);
    const now = this.drafts.value.peek().get(sku);
    if (now?.key === key) this.drafts.put({ ...now, opened: { line, begunSeq: begun?.begun_seq ?? 0, zone } });
    // It was left meanwhile.
    else await this.drop(sku, line);
  }

  /** Mend a line that was saved. */
  mend(sku: string, { line, zone, lot, expires_on, good, bad, note }: CountLineItem): void {
    this.#fault.value = null;
    const typed = { zone, lot, expires: expires_on ?? "", good: String(good), bad: String(bad), note };
    this.drafts.put({ sku, mends: line, opened: null, key: newKey(), ...typed });
  }

  type(draft: LineDraft): void {
    if (this.#fault.peek()?.sku === draft.sku) this.#fault.value = null;
    this.drafts.put(draft);
  }

  /** Leave a line as it was: what was only opened goes. */
  async leave(sku: string): Promise<void> {
    const draft = this.drafts.value.peek().get(sku);
    this.drafts.drop(sku);
    this.#fault.value = null;
    if (draft?.opened) await this.drop(sku, draft.opened.line);
  }

  /** Save what is typed. Whether it was. */
  async save(sku: string): Promise<boolean> {
    await this.#opening.get(sku);
    const draft = this.drafts.value.peek().get(sku);
    if (draft === undefined || this.#busy.peek().has(sku)) return false;
    const good = unitsOf(draft.good);
    const bad = draft.bad.trim() === "" ? 0 : unitsOf(draft.bad);
    if (good === null || bad === null) {
      this.#fault.value = { sku, field: good === null ? "good" : "bad", text: t("counts.expected.units") };
      return false;
    }
    this.#fault.value = null;
    const answer = await this.#while(sku, () => this.#send(draft, good, bad));
    if (!answer.ok && answer.status === 404 && answer.problem.field === "line") {
      // The line that was opened, or mended, is not there any more: it is a new one then.
      this.drafts.put({ ...draft, mends: null, opened: null });
      return this.save(sku);
    }
    if (!answer.ok) {
      this.#said(sku, answer);
      return false;
    }
    this.#zone.value = draft.zone;
    this.drafts.drop(sku);
    this.rows.put(answer.value.row);
    if (draft.opened !== null && !isWhereOpened(draft)) await this.drop(sku, draft.opened.line);
    return true;
  }

  /** Save all that is typed, one after the other, until the server does not answer. */
  async saveAll(): Promise<void> {
    for (const { sku } of this.unsaved()) {
      const isSaved = await this.save(sku);
      if (!isSaved && this.#fault.peek()?.isUnanswered) return;
    }
  }

  #send(draft: LineDraft, good: number, bad: number): Promise<Answer<LineSaved>> {
    const { sku, zone, lot, key, note, mends, opened } = draft;
    const line = mends ?? (opened !== null && isWhereOpened(draft) ? opened.line : null);
    const found = { sku, good, bad, note: note.trim() };
    if (line !== null) {
      const params = { path: { ...this.#path, line: String(line) } };
      return answerOfWrite(() =>
        this.desk.api.PUT("/v1/pools/{pool}/counts/{count}/lines/{line}", { params, body: found }),
      );
    }
    const params = { path: this.#path, header: { "Idempotency-Key": key } };
    const body = {
      ...found,
      zone: zone.trim(),
      lot: lot.trim(),
      ...(draft.expires !== "" && { expires_on: draft.expires }),
      ...(opened !== null && opened.begunSeq > 0 && { begun_seq: opened.begunSeq }),
    };
    return answerOfWrite(() => this.desk.api.POST("/v1/pools/{pool}/counts/{count}/lines", { params, body }));
  }

  /** Drop a line of one's own. */
  async drop(sku: string, line: number): Promise<void> {
    const params = { path: { ...this.#path, line: String(line) }, query: { sku } };
    const answer = await this.#while(sku, () =>
      answerOfWrite(() => this.desk.api.DELETE("/v1/pools/{pool}/counts/{count}/lines/{line}", { params })),
    );
    if (!answer.ok) this.#said(sku, answer);
    else await this.#readRow();
  }

  /** Say how many of what left or came are in the lines. */
  async answer(sku: string, { seq }: CountQuestionItem, included: number): Promise<boolean> {
    const answer = await this.#while(sku, () =>
      answerOfWrite(() =>
        this.desk.api.POST("/v1/pools/{pool}/counts/{count}/answers", {
          params: { path: this.#path },
          body: { sku, seq, included },
        }),
      ),
    );
    if (answer.ok) this.rows.put(answer.value);
    else this.#said(sku, answer);
    return answer.ok;
  }

  async #readRow(): Promise<void> {
    await this.rows.again();
    this.desk.changed();
  }

  get #path() {
    return { pool: this.desk.pool, count: this.rows.id };
  }

  #said(sku: string, answer: Extract<Answer<unknown>, { ok: false }>): void {
    const isUnanswered = answer.status === 0;
    // It is sent again under the same key: nobody needs to know whether it was carried out.
    const text = isUnanswered ? t("counts.not_saved") : refusalText(answer);
    this.#fault.value = { sku, field: "", text, isUnanswered };
  }

  async #while<T>(sku: string, act: () => Promise<T>): Promise<T> {
    this.#busy.value = new Set(this.#busy.peek()).add(sku);
    const came = await act();
    const rest = new Set(this.#busy.peek());
    rest.delete(sku);
    this.#busy.value = rest;
    return came;
  }

  /** What is typed and not saved, of SKUs of this sheet. */
  unsaved(): readonly LineDraft[] {
    return [...this.drafts.value.value.values()].filter(isTyped);
  }
}

/** Whether a line is to be saved where the server has it open: place and lot are fixed by then. */
function isWhereOpened({ opened, zone, lot, expires }: LineDraft): boolean {
  return opened !== null && opened.zone === zone.trim() && lot.trim() === "" && expires === "";
}
