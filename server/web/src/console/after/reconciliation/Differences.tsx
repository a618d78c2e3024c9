/** Each SKU of the show: what was sold and shipped, what was counted, by how much it differs and why. */

import { useState } from "preact/hooks";
import { count, timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { ReconciledSku } from "../../api/schema";
import { linkTo } from "../../counts/parts";
import { differenceOf, inTurn } from "./rows";

/** Rows that are drawn at a time: a show may have 2,000 SKUs. */
const ROWS_SHOWN = 100;
const UNITS = ["sold", "cancelled", "shipped", "unshipped"] as const;

export function Differences({ rows }: { readonly rows: readonly ReconciledSku[] }) {
  const [most, setMost] = useState(ROWS_SHOWN);
  const ordered = inTurn(rows);
  const title = t("after.differences");
  return (
    <section class="card" aria-label={title}>
      <h3>{title}</h3>
      <p class="quiet">{t("after.differences.hint")}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it sideways */}
      <div class="scroll" role="group" aria-label={title} tabIndex={0}>
        <table class="sheet">
          <thead>
            <tr>
              <th scope="col" class="number">
                {t("after.column.link")}
              </th>
              <th scope="col">{t("after.column.goods")}</th>
              {UNITS.map((column) => (
                <th key={column} scope="col" class="number">
                  {t(`after.column.${column}`)}
                </th>
              ))}
              <th scope="col" class="number">
                {t("after.column.counted")}
              </th>
              <th scope="col" class="number">
                {t("after.column.difference")}
              </th>
              <th scope="col">{t("after.column.why")}</th>
            </tr>
          </thead>
          <tbody>
            {ordered.slice(0, most).map((row) => (
              <Row key={row.sku} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      {ordered.length > most && (
        <button type="button" onClick={() => setMost(most + ROWS_SHOWN)}>
          {t("after.more", { left: count(ordered.length - most) })}
        </button>
      )}
    </section>
  );
}

function Row({ row }: { readonly row: ReconciledSku }) {
  const difference = differenceOf(row);
  return (
    <tr data-differs={difference !== null && difference !== 0}>
      <td class="number">{row.link ?? ""}</td>
      <th scope="row">
        {row.title || row.sku}
        {row.title !== "" && <span class="sku quiet">{row.sku}</span>}
      </th>
      {UNITS.map((column) => (
        <td key={column} class="number">
          {count(row.stock[column])}
        </td>
      ))}
      <td class="number">{row.count === null ? t("after.not_counted") : count(row.count.counted)}</td>
      <td class="number">{difference === null ? "–" : signed(difference)}</td>
      <td>
        <Why row={row} />
      </td>
    </tr>
  );
}

/** The sign is said, so that no colour is needed. */
function signed(difference: number): string {
  return difference > 0 ? `+${count(difference)}` : count(difference).replace("-", "−");
}

function Why({ row: { open_count, count: found } }: { readonly row: ReconciledSku }) {
  if (open_count !== null) {
    const key = open_count.difference === null ? "after.open.counting" : "after.open.review";
    return <a href={linkTo({ kind: "count", id: open_count.count })}>{t(key)}</a>;
  }
  if (found === null) return null;
  const who = found.signed_by.join(t("after.comma"));
  const said = [
    found.difference !== 0 && found.reason !== "" ? t(`counts.reason.${found.reason}`) : "",
    found.reason_note,
    found.shortage > 0 ? t("after.shortage", { units: count(found.shortage) }) : "",
    who === "" ? "" : t("after.signed", { who }),
    timeOrDate(found.at_ms),
  ].filter(Boolean);
  return (
    <>
      {said.join(t("after.between"))} <a href={linkTo({ kind: "count", id: found.count })}>{t("after.open.count")}</a>
    </>
  );
}
