/** What the catalogue says of a SKU, the same in every room. */

import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { PoolSku } from "../../api/schema";
import type { Console } from "../../console";
import { Edit, type Kinds, type Seen } from "../form/edit";
import { line, list, money, whole } from "../form/values";

export interface Article {
  readonly title: string;
  readonly price_minor: number;
  readonly category: string;
  readonly zone: string;
  readonly supplier: string;
  readonly barcode: string;
  readonly aliases: readonly string[];
  readonly substitutes: readonly string[];
  readonly image_url: string;
  readonly safety_units: number | null;
}

const TITLE_MAX = 200;
const WORD_MAX = 128;
const ADDRESS_MAX = 500;
const ALIASES_MAX = 20;
const SUBSTITUTES_MAX = 5;
const UNITS_MAX = 1_000_000_000;
const NO_PRICE = 0;

export function articleKinds(currency: string): Kinds<Article> {
  return {
    title: line(TITLE_MAX),
    price_minor: money(currency, NO_PRICE),
    category: line(WORD_MAX),
    zone: line(WORD_MAX),
    supplier: line(WORD_MAX),
    barcode: line(WORD_MAX),
    aliases: list(ALIASES_MAX),
    substitutes: list(SUBSTITUTES_MAX),
    image_url: line(ADDRESS_MAX),
    safety_units: whole({ min: 0, max: UNITS_MAX }),
  };
}

export function articleOf(sku: PoolSku): Seen<Article> {
  const { title, price_minor, category, zone, supplier, barcode, aliases, substitutes, image_url } = sku;
  const words = { title, category, zone, supplier, barcode, image_url };
  return {
    values: { ...words, price_minor, aliases, substitutes, safety_units: sku.safety_units },
    revision: sku.revision,
  };
}

export const articleName = (field: string) => t(`before.article.${field}`);

/** An edit of what the catalogue says of a SKU. */
export function editArticle(it: Console, sku: string, currency: string): Edit<Article> {
  const path = { pool: it.pool, sku };
  return new Edit<Article>({
    kinds: articleKinds(currency),
    seen: () => {
      const row = it.kept.skus.of(sku);
      return row === undefined ? null : articleOf(row);
    },
    write: async (changes, { revision }) => {
      const header = { "If-Match": `"${revision}"`, "Idempotency-Key": newKey() };
      const { aliases, substitutes, ...rest } = changes;
      const lists = {
        ...(aliases && { aliases: [...aliases] }),
        ...(substitutes && { substitutes: [...substitutes] }),
      };
      const answer = await answerOfWrite(() =>
        it.api.PATCH("/v1/pools/{pool}/skus/{sku}", { params: { path, header }, body: { ...rest, ...lists } }),
      );
      await it.kept.skus.readSku(sku);
      return answer;
    },
    theirs: (current) => articleOf(current as PoolSku),
  });
}
