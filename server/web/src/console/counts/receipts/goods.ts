/** Which goods are meant by what somebody types or scans of a delivery. Whoever only counts is told no catalogue: the server
 * finds them, and tells nothing of how many there are. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { answerOf } from "../../api/client";
import type { Desk } from "../desk";
import { type Findable, found, meant, plain } from "../sheet/search";

/** So many are offered while one types. */
const OFFERED_MAX = 6;
/** The server is asked once nothing was typed for so long, in ms. */
const TYPED_MS = 200;

export interface Offered {
  /** What they were found for. */
  readonly text: string;
  readonly goods: readonly Findable[];
  readonly more: boolean;
}

export type Meant =
  | { readonly kind: "one"; readonly goods: Findable }
  | { readonly kind: "several" | "none" }
  /** Nobody could say: the server does not answer. */
  | { readonly kind: "unanswered" };

const NOTHING: Offered = { text: "", goods: [], more: false };

export class Goods {
  readonly #offered = signal<Offered>(NOTHING);
  readonly offered: ReadonlySignal<Offered> = this.#offered;
  readonly #titles = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(private readonly desk: Desk) {}

  /** The title of a SKU, as far as it is known here. */
  titleOf(sku: string): string {
    return this.#titles.get(sku) ?? this.desk.console?.kept.skus.of(sku)?.title ?? "";
  }

  /** Offer what this may mean. */
  typed(text: string): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
    if (plain(text) === "") this.#offered.value = NOTHING;
    else this.#timer = setTimeout(() => void this.#find(text), this.#known() === null ? TYPED_MS : 0);
  }

  /** What is meant by exactly this; what it may mean is offered where that is not one. */
  async mean(text: string): Promise<Meant> {
    clearTimeout(this.#timer);
    const all = (await this.#find(text))?.goods ?? null;
    if (all === null) return { kind: "unanswered" };
    const goods = meant(text, all, this.desk.linkOf);
    if (goods !== null) return { kind: "one", goods };
    return { kind: all.length === 0 ? "none" : "several" };
  }

  /** Offer nothing any more. */
  close(): void {
    this.typed("");
  }

  /** The catalogue, for an operator who has it; null for anybody else. */
  #known(): readonly Findable[] | null {
    const skus = this.desk.console?.kept.skus.want().peek() ?? null;
    return skus?.map(({ sku, title, barcode, zone }) => ({ sku, title, barcode, shelf_zone: zone })) ?? null;
  }

  /** Null where the server does not answer. */
  async #find(text: string): Promise<Offered | null> {
    this.#asked += 1;
    const asked = this.#asked;
    const offered = await this.#read(text);
    for (const { sku, title } of offered?.goods ?? []) if (title !== "") this.#titles.set(sku, title);
    // What was typed meanwhile is asked for by itself.
    if (asked === this.#asked) this.#offered.value = offered ?? NOTHING;
    return offered;
  }

  async #read(text: string): Promise<Offered | null> {
    const known = this.#known();
    if (known !== null) {
      const goods = found(text, known, this.desk.linkOf);
      // What is said whole is among them, however many have it within.
      const first = meant(text, goods, this.desk.linkOf);
      const rest = goods.filter((each) => each !== first);
      const all = first === null ? rest : [first, ...rest];
      return { text, goods: all.slice(0, OFFERED_MAX), more: all.length > OFFERED_MAX };
    }
    const params = { path: { pool: this.desk.pool }, query: { q: text.trim(), limit: OFFERED_MAX } };
    const answer = await answerOf(this.desk.api.GET("/v1/pools/{pool}/articles", { params }));
    return answer.ok ? { text, goods: answer.value.articles, more: answer.value.more } : null;
  }
}
