/** The words on the stage's ribbon: what the count says as long as it says it, and for a moment what just happened. */

import type { Banner, Level } from "@shelfcast/client";
import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import { nextBatchText } from "../../shared/nextBatch";
import { levelToShow, type Sale } from "./sale";

/** What just happened stays on the ribbon for this long, in ms. */
export const MOMENT_MS = 6_000;

/**
 * A state of the SKU that stays on the ribbon while it lasts; null for plenty, and for what nobody can buy now. What is
 * sold out comes again with the next batch (`nextBatchAtMs`), while there is a sale to wait for.
 */
export function ribbonOf(level: Level, available: number, sale: Sale, nextBatchAtMs: number | null): string | null {
  const shown = levelToShow(level, sale);
  if (shown === "sold_out" && nextBatchAtMs !== null && sale !== "over") return nextBatchText(nextBatchAtMs);
  if (shown === "last") return levelText("last_n", available);
  if (shown === "all_held" || shown === "sold_out" || shown === "frozen") return levelText(shown, available);
  return null;
}

/** What just happened, where the state alone does not say it. */
export function momentOf(banner: Banner): string | null {
  const news = banner.kind === "back_in_stock" || banner.kind === "sale_open" || banner.kind === "batch_open";
  return news ? bannerText(banner) : null;
}

/** Whether what just happened is so still: nothing is back or open that cannot be bought. */
export function isStillNews(level: Level | undefined, sale: Sale): boolean {
  return sale === "open" && level !== "sold_out" && level !== "all_held" && level !== "frozen";
}

/** A banner in words; null for one of a newer server. */
export function bannerText({ kind, left, opens_at_ms }: Pick<Banner, "kind" | "left" | "opens_at_ms">): string | null {
  if (kind === "batch_exhausted") return nextBatchText(opens_at_ms ?? 0);
  return levelText(kind, left);
}

function levelText(kind: string, left: number): string | null {
  const values = { count: left, shown: count(left) };
  switch (kind) {
    case "last_n":
    case "back_in_stock":
    case "all_held":
    case "sold_out":
    case "sale_open":
    case "batch_open":
    case "frozen":
      return t(`banner.${kind}`, values);
    default:
      return null;
  }
}
