/** A short word on a product that its count does not say: it is back, its sale has begun. */

import { type ReadonlySignal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Live } from "../shared/live";
import { FLASH_SHOWN_MS } from "./freshness";

const FLASHED = ["back_in_stock", "sale_open", "batch_open"] as const;
/** Last units, all held and sold out are levels: they are shown as long as they last. */
export type Flash = (typeof FLASHED)[number];

/** What flashes for this product now, null for nothing. One timer at most. */
export function useFlash(live: Live, sku: string): ReadonlySignal<Flash | null> {
  const shown = useSignal<Flash | null>(null);
  // The banner that was there when the product came into the picture is of the past.
  const seen = useRef(live.banners.peek());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useSignalEffect(() => {
    const banner = live.banners.value;
    if (banner === null || banner === seen.current) return;
    seen.current = banner;
    const kind = FLASHED.find((known) => known === banner.kind);
    if (banner.sku !== sku || kind === undefined) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      shown.value = null;
    }, FLASH_SHOWN_MS);
    shown.value = kind;
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return shown;
}
