/** What a page knows of the viewer's waits, kept over a reload in the tab's storage. */

import { type Held, isHeld, isWish, type Wish } from "./receipts";

/** Beyond these the oldest is forgotten. */
export const NEWS_MAX = 5;
export const WAITS_MAX = 100;

/** A wait that is over without a purchase, and the sentence for it (its key and values). */
export interface WaitNews extends Wish {
  why: "lapsed" | "over";
  key: string;
  values: Record<string, string | number>;
}

export interface KeptWaits {
  waits: readonly Held[];
  news: readonly WaitNews[];
}

const NOTHING: KeptWaits = { waits: [], news: [] };
/** Keys of sentences that news may have. */
const KEYS = /^(turn\.lapsed|(wait_over|refused)\.[A-Z_]+)$/;

/** Reads what the browser kept. Anything unexpected in it is passed over: it may come from another version of the page. */
export function parseWaits(text: string | null): KeptWaits {
  if (text === null) return NOTHING;
  try {
    const { waits, news } = JSON.parse(text) as Record<string, unknown>;
    return {
      waits: (Array.isArray(waits) ? waits.filter(isHeld) : []).slice(0, WAITS_MAX),
      news: (Array.isArray(news) ? news.filter(isNews) : []).slice(0, NEWS_MAX),
    };
  } catch {
    return NOTHING;
  }
}

function isNews(value: unknown): value is WaitNews {
  const news = (value ?? {}) as Partial<WaitNews>;
  const isKnown = (news.why === "lapsed" || news.why === "over") && KEYS.test(String(news.key));
  return isWish(value) && isKnown && typeof news.values === "object" && news.values !== null;
}

/** The browser's storage for one room's page; without storage nothing is kept and nothing breaks. */
export class WaitStore {
  readonly #key: string;
  readonly #storage: Storage | null;

  constructor(room: string, storage: Storage | null) {
    this.#key = `shelfcast.waits.${room}`;
    this.#storage = storage;
  }

  read(): KeptWaits {
    return parseWaits(this.#storage?.getItem(this.#key) ?? null);
  }

  write({ waits, news }: KeptWaits): void {
    try {
      this.#storage?.setItem(this.#key, JSON.stringify({ waits: waits.slice(-WAITS_MAX), news }));
    } catch {
      // Full or forbidden: the page still knows until it is closed.
    }
  }
}
