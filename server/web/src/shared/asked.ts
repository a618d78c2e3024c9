/** What is asked for a product. */

import { price } from "./format";

/** The price of so many units; nothing where the shop has named none, which is not to say that it is free. */
export function asked({ price_minor, currency }: { price_minor: number; currency: string }, qty = 1): string {
  return price_minor > 0 ? price(price_minor * qty, currency) : "";
}
