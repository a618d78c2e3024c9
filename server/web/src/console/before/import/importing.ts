/** A file on its way into the pool: sent up, read, looked at, read otherwise, written, or put away. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { t } from "../../../shared/i18n";
import { type Answer, answerOf, answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type {
  CataloguePreview,
  CountsPreview,
  ImportBody,
  ImportItem,
  ImportKind,
  OrdersPreview,
} from "../../api/schema";
import type { Console } from "../../console";
import { problemText } from "../../operations/problem";

/** How often it is asked how far a file is, in ms. */
const ASKED_EVERY_MS = 500;

const KINDS: Readonly<Record<string, string>> = {
  csv: "text/csv",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

/** The kind of a file by its name; "" where it is none that can be read. */
export function kindOf(name: string): string {
  return KINDS[/\.([a-z]+)$/.exec(name.toLowerCase())?.[1] ?? ""] ?? "";
}

/** What a file was read as, whatever it is about. */
export type Read = CataloguePreview | CountsPreview | OrdersPreview;

/** What was read; null while that is not known. */
export function readOf({ preview, counts, orders }: ImportItem): Read | null {
  return preview ?? counts ?? orders;
}

export class Importing {
  /** What the next file is about. */
  readonly kind = signal<ImportKind>("catalogue");
  /** The channel whose orders the next file has. */
  readonly channel = signal("");
  readonly #item = signal<ImportItem | null>(null);
  readonly #trouble = signal("");
  readonly #note = signal("");
  readonly #sending = signal("");
  /** The import that is looked at. */
  readonly item: ReadonlySignal<ImportItem | null> = this.#item;
  /** What stands against the last wish. */
  readonly trouble: ReadonlySignal<string> = this.#trouble;
  /** What there is to know of the file that is looked at: it stands until the next wish. */
  readonly note: ReadonlySignal<string> = this.#note;
  /** The name of the file that is being sent; "" while none is. */
  readonly sending: ReadonlySignal<string> = this.#sending;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The number of the last wish: the answer to one before it comes too late, and is not shown. */
  #wish = 0;
  #isClosed = false;

  constructor(private readonly it: Console) {}

  /** Send a file up. It is read meanwhile, for the room that is chosen. */
  async send(file: File): Promise<void> {
    const kind = kindOf(file.name);
    if (kind === "") {
      this.#trouble.value = t("before.import.kind", { name: file.name });
      return;
    }
    if (this.kind.peek() === "orders" && this.channel.peek() === "") {
      this.#trouble.value = t("before.import.channel.needed");
      return;
    }
    const wish = this.#begin();
    this.#sending.value = file.name;
    const { pool, room } = this.it;
    const about = this.kind.peek();
    const query = {
      kind: about,
      name: file.name,
      ...(about === "catalogue" && room !== "" && { room }),
      ...(about === "orders" && { channel: this.channel.peek() }),
    };
    const header = { "Idempotency-Key": newKey() };
    const answer = await answerOfWrite(() =>
      this.it.api.POST("/v1/pools/{pool}/imports", {
        params: { path: { pool }, query, header },
        headers: { "Content-Type": kind },
        body: file as never,
        bodySerializer: (body) => body,
      }),
    );
    if (wish === this.#wish) this.#sending.value = "";
    this.#took(answer, wish);
  }

  /** Look at one that was sent before. */
  async open(id: string): Promise<void> {
    const wish = this.#begin();
    const params = this.#params(id);
    this.#took(await answerOf(this.it.api.GET("/v1/pools/{pool}/imports/{import}", { params })), wish);
  }

  /** Say how the file is meant; it is read anew. */
  async mean(how: ImportBody): Promise<void> {
    const id = this.#item.peek()?.import;
    if (id === undefined) return;
    const wish = this.#begin();
    const params = this.#params(id);
    this.#took(
      await answerOfWrite(() => this.it.api.PATCH("/v1/pools/{pool}/imports/{import}", { params, body: how })),
      wish,
    );
  }

  /** Write what was read, as it is shown: where somebody has had it read otherwise meanwhile, that is shown instead. */
  async apply(): Promise<Answer<unknown>> {
    const item = this.#item.peek();
    const params = this.#params(item?.import ?? "");
    const body = item === null ? {} : { reading: item.reading };
    const wish = this.#begin();
    const answer = await answerOfWrite(() =>
      this.it.api.POST("/v1/pools/{pool}/imports/{import}/apply", { params, body }),
    );
    if (!answer.ok && answer.problem.code === "STALE" && item !== null && wish === this.#wish) {
      await this.open(item.import);
      if (this.#item.peek()?.import === item.import) this.#note.value = t("before.import.read_otherwise");
    } else this.#took(answer, wish);
    return answer;
  }

  /** Put it away: what is written stays. */
  async discard(id: string): Promise<void> {
    const answer = await answerOfWrite(() =>
      this.it.api.DELETE("/v1/pools/{pool}/imports/{import}", { params: this.#params(id) }),
    );
    if (!answer.ok && answer.status !== 404) {
      this.#trouble.value = problemText(answer.problem, answer.status);
      return;
    }
    if (this.#item.peek()?.import === id) this.leave();
  }

  /** Look at none; a file that is on its way is looked at when it is there. */
  leave(): void {
    clearTimeout(this.#timer);
    if (this.#sending.peek() === "") this.#wish += 1;
    this.#item.value = null;
    this.#trouble.value = "";
    this.#note.value = "";
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #params(id: string) {
    return { path: { pool: this.it.pool, import: id } };
  }

  /** A wish takes the place of the one before. */
  #begin(): number {
    clearTimeout(this.#timer);
    this.#trouble.value = "";
    this.#note.value = "";
    this.#sending.value = "";
    this.#wish += 1;
    return this.#wish;
  }

  #took(answer: Answer<ImportItem>, wish: number): void {
    if (this.#isClosed || wish !== this.#wish) return;
    clearTimeout(this.#timer);
    if (!answer.ok) {
      this.#trouble.value = problemText(answer.problem, answer.status);
      // It is not kept for ever: whoever looks at one that is gone sees the others.
      if (answer.status === 404) this.#item.value = null;
      else if (answer.again && isGoingOn(this.#item.peek())) this.#askAgain();
      return;
    }
    const before = this.#item.peek();
    // While it is written it is not read anew, and its long preview is not sent again.
    const isSame = before?.import === answer.value.import && readOf(answer.value) === null;
    const read = isSame ? { preview: before.preview, counts: before.counts, orders: before.orders } : {};
    this.#item.value = { ...answer.value, ...read };
    this.#trouble.value = "";
    if (isGoingOn(answer.value)) this.#askAgain();
    else if (answer.value.state === "applied" || answer.value.state === "stopped") this.#written();
  }

  #askAgain(): void {
    this.#timer = setTimeout(() => void this.#ask(), ASKED_EVERY_MS);
  }

  async #ask(): Promise<void> {
    const item = this.#item.peek();
    const wish = this.#wish;
    if (item === null) return;
    const params = { ...this.#params(item.import), query: { preview: item.state === "reading" } };
    const answer = await answerOf(this.it.api.GET("/v1/pools/{pool}/imports/{import}", { params }));
    this.#took(answer, wish);
  }

  #written(): void {
    const { kept } = this.it;
    for (const each of [kept.skus, kept.listings, kept.room, kept.actions]) each.changed();
  }
}

/** Whether something is done with it that one waits for. */
export function isGoingOn(item: ImportItem | null): boolean {
  return item?.state === "reading" || item?.state === "applying";
}
