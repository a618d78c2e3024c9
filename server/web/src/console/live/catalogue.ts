/** The pool's catalogue, kept up to date SKU by SKU: a pool may have 50,000, and an operator changes one. */

import { computed, type ReadonlySignal } from "@preact/signals";
import { type Answer, type Api, answerOf } from "../api/client";
import type { PoolSku, SkuPage } from "../api/schema";
import { Kept } from "./kept";

const PAGE = 1_000;
/** Pages of SKUs at most: as many as a pool may have. */
const PAGES_MAX = 50;
/** Of more that have changed together, such as by an import, the whole catalogue is read anew. */
const SINGLY_MAX = 20;
/** Changes within this time are read together, in ms. */
const GATHERED_MS = 200;

export class Catalogue extends Kept<readonly PoolSku[]> {
  readonly #api: Api;
  readonly #pool: string;
  readonly #bySku: ReadonlySignal<ReadonlyMap<string, PoolSku>>;
  readonly #changed = new Set<string>();
  #gathering: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, pool: string) {
    super(() => allSkus(api, pool));
    this.#api = api;
    this.#pool = pool;
    this.#bySku = computed(() => new Map(this.value.value?.map((each) => [each.sku, each])));
  }

  /** What it says of a SKU; nothing while it has not been read. */
  of(sku: string): PoolSku | undefined {
    return this.#bySku.value.get(sku);
  }

  /** This SKU may have changed. */
  skuChanged(sku: string): void {
    if (!this.wanted) return;
    this.#changed.add(sku);
    this.#gathering ??= setTimeout(() => void this.#readChanged(), GATHERED_MS);
  }

  /** Read this SKU now. */
  async readSku(sku: string): Promise<void> {
    const path = { pool: this.#pool, sku };
    const answer = await answerOf(this.#api.GET("/v1/pools/{pool}/skus/{sku}", { params: { path } }));
    if (answer.ok) this.put(withSku(this.value.peek() ?? [], answer.value));
    // What could not be read alone may be there with the rest.
    else this.changed();
  }

  override close(): void {
    super.close();
    clearTimeout(this.#gathering);
  }

  async #readChanged(): Promise<void> {
    this.#gathering = undefined;
    const skus = [...this.#changed];
    this.#changed.clear();
    if (skus.length > SINGLY_MAX || this.value.peek() === null) this.changed();
    else for (const sku of skus) await this.readSku(sku);
  }
}

/** The catalogue with what it says now of one of its SKUs, in the order of their names. */
export function withSku(skus: readonly PoolSku[], row: PoolSku): readonly PoolSku[] {
  const rest = skus.filter(({ sku }) => sku !== row.sku);
  const place = rest.findIndex(({ sku }) => sku > row.sku);
  return place < 0 ? [...rest, row] : rest.toSpliced(place, 0, row);
}

async function allSkus(api: Api, pool: string): Promise<Answer<readonly PoolSku[]>> {
  const found: PoolSku[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const query = after === undefined ? { limit: PAGE } : { limit: PAGE, after };
    const answer = await answerOf(api.GET("/v1/pools/{pool}/skus", { params: { path: { pool }, query } }));
    if (!answer.ok) return answer;
    // The catalogue is CSV, too, for whoever asks for that.
    const { skus, next } = answer.value as SkuPage;
    found.push(...skus);
    if (next === null) return { ...answer, value: found };
    after = next;
  }
  return { ok: true, value: found, action: "", etag: "" };
}
