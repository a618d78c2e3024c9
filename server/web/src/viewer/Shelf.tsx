/** Everything that is on the shelf, in its order. The spotlit product stays in its place: nothing moves for it. */

import { useComputed } from "@preact/signals";
import { asked } from "../shared/asked";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { Availability } from "./Availability";
import { Purchase } from "./Purchase";
import { offAir } from "./sale";
import { Tile } from "./Tile";
import { useViewer } from "./viewer";
import "./shelf.css";

export function Shelf() {
  const { live } = useViewer();
  const shelf = live.shelf.value;
  return (
    <section class="shelf" id="shelf" tabIndex={-1} aria-labelledby="shelf-heading">
      <h2 class="section-heading" id="shelf-heading">
        {t("page.shelf")}{" "}
        <span class="section-count">{t("page.shelf_count", { count: shelf.length, shown: count(shelf.length) })}</span>
      </h2>
      {shelf.length === 0 && <p class="empty">{t("page.empty")}</p>}
      <ul class="items">
        {shelf.map((sku) => (
          <Item key={sku} sku={sku} />
        ))}
      </ul>
    </section>
  );
}

/** Drawn anew when the terms or the offer change; counts change in place. */
function Item({ sku }: { sku: string }) {
  const viewer = useViewer();
  const terms = viewer.terms(sku).value;
  const { spotlight, status } = viewer.live;
  const spotlit = useComputed(() => (spotlight.value === sku && offAir(status.value) === null ? "" : undefined));
  const shown = useComputed(() => (spotlit.value === "" ? t("stock.now_showing") : ""));
  const id = `item-${sku}`;
  if (terms === null) return null;
  return (
    <li class="item" data-sku={sku} data-spotlit={spotlit}>
      <article class="item-inner" aria-labelledby={id}>
        <div class="item-picture">
          <Tile sku={sku} title={terms.title} />
          <span class="item-showing">{shown}</span>
        </div>
        <div class="item-about">
          <h3 class="item-title" id={id}>
            {terms.title}
          </h3>
          <p class="price">{asked(terms)}</p>
          <Availability sku={sku} />
        </div>
        <Purchase sku={sku} />
      </article>
    </li>
  );
}
