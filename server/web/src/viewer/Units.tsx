/** So many of a product: of a reservation, a wish, a place on a list. */

import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { Tile } from "../shared/Tile";
import type { Wish } from "./model/receipts";
import { useViewer } from "./model/viewer";

/** `bare` is without the picture. */
export function Units({ wish, bare = false }: { wish: Wish; bare?: boolean }) {
  const { sku, qty } = wish;
  const viewer = useViewer();
  const title = viewer.titleOf(wish);
  const image = viewer.terms(sku).value?.image_url ?? null;
  return (
    <p class="units">
      {!bare && <Tile sku={sku} title={title} image={image} />}
      <span class="units-qty">{t("yours.units", { count: qty, shown: count(qty) })}</span>{" "}
      <span class="units-title">{title}</span>
    </p>
  );
}
