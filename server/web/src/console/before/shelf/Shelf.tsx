/** The shelf of the room as a table: what is typed into a row is written when one leaves it. */

import { useMemo, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { RoomSku } from "../../api/schema";
import { useConsole } from "../../console";
import { NoRoom } from "../form/NoRoom";
import { Scroll } from "../form/Scroll";
import { found } from "../form/SkuPicker";
import { takeSought } from "../steps";
import { AddToShelf } from "./AddToShelf";
import { termName } from "./listing";
import { ShelfRow } from "./ShelfRow";

/** Rows of a page: each has fields. */
const PAGE = 50;

const COLUMNS = ["link", "title", "price_minor", "limit_per_order", "limit_per_user", "limit_window"] as const;

export function Shelf() {
  const { room } = useConsole();
  return room === "" ? <NoRoom /> : <ShelfOfRoom />;
}

function ShelfOfRoom() {
  const it = useConsole();
  const rows = it.kept.listings.want().value;
  it.kept.room.want();
  const skus = it.kept.skus.want().value;
  const [typed, setTyped] = useState(takeSought);
  const [page, setPage] = useState(0);
  const [adding, setAdding] = useState(false);
  const matching = useMemo(() => found(typed, titled(rows ?? [], skus ?? [])), [rows, skus, typed]);
  if (rows === null || skus === null) return <p aria-busy="true">{t("before.reading")}</p>;
  const pages = Math.max(1, Math.ceil(matching.length / PAGE));
  const at = Math.min(page, pages - 1);
  const shown = matching.slice(at * PAGE, (at + 1) * PAGE);
  return (
    <>
      <div class="buttons">
        <label class="search">
          {t("before.shelf.find")}
          <input type="search" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
        <button type="button" class="main" aria-expanded={adding} onClick={() => setAdding(!adding)}>
          {t("before.shelf.add")}
        </button>
        <span class="quiet">{t("before.shelf.count", { count: rows.length })}</span>
      </div>
      {adding && <AddToShelf onDone={() => setAdding(false)} />}
      {rows.length === 0 ? (
        <p class="empty">{t("before.shelf.empty")}</p>
      ) : (
        <Scroll label={t("before.step.shelf")}>
          <table class="sheet shelf">
            <thead>
              <tr>
                {COLUMNS.map((column) => (
                  <th key={column} scope="col">
                    {termName(column)}
                  </th>
                ))}
                <th scope="col" class="number">
                  {t("before.shelf.left")}
                </th>
                <th scope="col">
                  <span class="visually-hidden">{t("before.shelf.more")}</span>
                </th>
              </tr>
            </thead>
            {shown.map(({ sku }) => (
              <ShelfRow key={sku} sku={sku} />
            ))}
          </table>
        </Scroll>
      )}
      {pages > 1 && (
        <div class="buttons">
          <button type="button" disabled={at === 0} onClick={() => setPage(at - 1)}>
            {t("before.page.before")}
          </button>
          <span>{t("before.page", { page: count(at + 1), pages: count(pages) })}</span>
          <button type="button" disabled={at === pages - 1} onClick={() => setPage(at + 1)}>
            {t("before.page.next")}
          </button>
        </div>
      )}
    </>
  );
}

/** The rows in their order, each with the title that it shows. */
function titled(rows: readonly RoomSku[], skus: readonly { sku: string; title: string }[]) {
  const titles = new Map(skus.map(({ sku, title }) => [sku, title]));
  return rows.map(({ sku, title }) => ({ sku, title: title || titles.get(sku) || sku }));
}
