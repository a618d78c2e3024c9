/** Everything that is on the shelf, in its order. The spotlit product stays in its place: nothing moves for it. */

import { useComputed } from "@preact/signals";
import { useRef } from "preact/hooks";
import { asked } from "../shared/asked";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { Link } from "../shared/Link";
import { Tile } from "../shared/Tile";
import { Availability } from "./Availability";
import { isShifted, tooSoon } from "./model/attention";
import { offAir } from "./model/sale";
import { useViewer } from "./model/viewer";
import { Purchase } from "./Purchase";
import "./shelf.css";

export function Shelf() {
  const { live } = useViewer();
  const shelf = live.shelf.value;
  const mayPress = useMayPress(shelf);
  return (
    <section class="shelf" id="shelf" tabIndex={-1} aria-labelledby="shelf-heading">
      <h2 class="section-heading" id="shelf-heading">
        {t("page.shelf")}{" "}
        <span class="section-count">{t("page.shelf_count", { count: shelf.length, shown: count(shelf.length) })}</span>
      </h2>
      {shelf.length === 0 && <p class="empty">{t("page.empty")}</p>}
      <ul class="items">
        {shelf.map((sku) => (
          <Item key={sku} sku={sku} mayPress={mayPress} />
        ))}
      </ul>
    </section>
  );
}

/** Whether a press counts: the products may just have moved under the finger. Call while drawing the shelf. */
function useMayPress(shelf: readonly string[]): () => boolean {
  const drawn = useRef(shelf);
  const shiftedAtMs = useRef<number | null>(null);
  if (isShifted(drawn.current, shelf)) shiftedAtMs.current = performance.now();
  drawn.current = shelf;
  return () => !tooSoon(shiftedAtMs.current, performance.now());
}

/** Drawn anew when the terms or the offer change; counts change in place. */
function Item({ sku, mayPress }: { sku: string; mayPress: () => boolean }) {
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
          <Tile sku={sku} title={terms.title} image={terms.image_url} />
          <span class="item-showing">{shown}</span>
        </div>
        <div class="item-about">
          <h3 class="item-title" id={id}>
            {terms.title}
          </h3>
          <p class="price">
            <Link link={terms.link} />
            {asked(terms)}
          </p>
          <Availability sku={sku} />
        </div>
        <Purchase sku={sku} mayPress={mayPress} />
      </article>
    </li>
  );
}
