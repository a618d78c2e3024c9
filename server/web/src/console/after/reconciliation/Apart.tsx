/** What stands apart from what was sold: units that are neither sold nor free, money without goods, and the presale. */

import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { ReconciledSku, Reconciliation, SoldUnits } from "../../api/schema";
import { type Column, having, PENDING, PRESALE, WITHOUT_GOODS } from "./rows";

const ofStock = ({ stock }: ReconciledSku) => stock;
const ofPresale = ({ presale }: ReconciledSku) => presale;

export function Apart({ found }: { readonly found: Reconciliation }) {
  const { stock, presale } = found.totals;
  return (
    <>
      <Section name="pending" rows={found.skus} columns={PENDING} of={ofStock} total={stock} />
      <Section name="without_goods" rows={found.skus} columns={WITHOUT_GOODS} of={ofStock} total={stock} />
      {presale !== null && (
        <Section name="presale" rows={found.skus} columns={PRESALE} of={ofPresale} total={presale} />
      )}
    </>
  );
}

interface Props {
  readonly name: string;
  readonly rows: readonly ReconciledSku[];
  readonly columns: readonly Column[];
  readonly of: (row: ReconciledSku) => SoldUnits | null;
  readonly total: SoldUnits;
}

function Section({ name, rows, columns, of, total }: Props) {
  const shown = having(rows, columns, of);
  const title = t(`after.${name}`);
  return (
    <section class="card" aria-label={title}>
      <h3>{title}</h3>
      <p class="quiet">{t(shown.length === 0 ? `after.${name}.none` : `after.${name}.hint`)}</p>
      {shown.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it sideways
        <div class="scroll" role="group" aria-label={title} tabIndex={0}>
          <table class="sheet">
            <thead>
              <tr>
                <th scope="col">{t("after.column.goods")}</th>
                {columns.map((column) => (
                  <th key={column} scope="col" class="number">
                    {t(`after.column.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <tr key={row.sku}>
                  <th scope="row">
                    {row.title || row.sku}
                    {row.title !== "" && <span class="sku quiet">{row.sku}</span>}
                  </th>
                  {columns.map((column) => (
                    <td key={column} class="number">
                      {count(of(row)?.[column] ?? 0)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">{t("after.all")}</th>
                {columns.map((column) => (
                  <td key={column} class="number">
                    {count(total[column])}
                  </td>
                ))}
              </tr>
            </tfoot>
          </table>
        </div>
      )}
    </section>
  );
}
