/** What a SKU's row on the shelf says: its terms in the room, as one types them. */

import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { RoomSku } from "../../api/schema";
import type { Console } from "../../console";
import { Edit, type Kinds, type Seen } from "../form/edit";
import { choice, line, moment, money, tick, whole } from "../form/values";

/** The price of a listing that takes the catalogue's. */
export const OF_CATALOGUE = -1;
const LINK_MAX = 999;
const LIMIT_MAX = 1_000_000;
const DAYS_MAX = 30;
const TITLE_MAX = 200;

export interface Terms {
  readonly link: number | null;
  readonly title: string;
  readonly price_minor: number;
  readonly limit_per_order: number | null;
  readonly limit_per_user: number | null;
  readonly limit_window: string;
  readonly opens_at_ms: number | null;
  readonly closes_at_ms: number | null;
  readonly last_n: number | null;
  readonly presale: boolean;
}

/** How long a customer's limit may count. */
export const WINDOWS: readonly string[] = [
  "show",
  ...Array.from({ length: DAYS_MAX }, (_, day) => `${day + 1}d`),
  "ever",
];

export function windowName(window: string): string {
  const days = /^(\d+)d$/.exec(window)?.[1];
  return days === undefined ? t(`before.window.${window}`) : t("before.window.days", { count: Number(days) });
}

export function termKinds(currency: string): Kinds<Terms> {
  const limit = whole({ min: 1, max: LIMIT_MAX });
  return {
    link: whole({ min: 1, max: LINK_MAX }),
    title: line(TITLE_MAX),
    price_minor: money(currency, OF_CATALOGUE),
    limit_per_order: limit,
    limit_per_user: limit,
    limit_window: choice(...WINDOWS),
    opens_at_ms: moment,
    closes_at_ms: moment,
    last_n: whole({ min: 0, max: LIMIT_MAX }),
    presale: tick,
  };
}

export function termsOf(row: RoomSku): Seen<Terms> {
  const { link, title, price_minor, limit_per_order, limit_per_user, limit_window } = row;
  const { opens_at_ms, closes_at_ms, last_n, presale, revision } = row;
  const limits = { limit_per_order, limit_per_user, limit_window };
  return { values: { link, title, price_minor, ...limits, opens_at_ms, closes_at_ms, last_n, presale }, revision };
}

export const termName = (field: string) => t(`before.term.${field}`);

/** An edit of a SKU's terms. */
export function editTerms(it: Console, sku: string, currency: string): Edit<Terms> {
  const params = { path: { room: it.room, sku } };
  return new Edit<Terms>({
    kinds: termKinds(currency),
    seen: () => {
      const row = it.kept.listings.value.value?.find((each) => each.sku === sku);
      return row === undefined ? null : termsOf(row);
    },
    write: async (changes, { revision }) => {
      const key = newKey();
      const header = { "If-Match": `"${revision}"`, "Idempotency-Key": key };
      const answer = await answerOfWrite(() =>
        it.api.PATCH("/v1/rooms/{room}/skus/{sku}", { params: { ...params, header }, body: changes }),
      );
      await it.kept.listings.now();
      return answer;
    },
    theirs: (current) => termsOf(current as RoomSku),
  });
}
