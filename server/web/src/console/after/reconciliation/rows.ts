/** The SKUs of a show in the order in which they want to be looked at, and those that stand apart. */

import type { ReconciledSku, SoldUnits } from "../../api/schema";

/** By how much a SKU differs: as the count says that is not applied yet, else the one that is. Null where nobody has counted. */
export function differenceOf({ open_count, count }: ReconciledSku): number | null {
  return open_count?.difference ?? count?.difference ?? null;
}

/** How soon a SKU wants to be looked at: it differs, is being counted, was never counted, agrees. */
function turnOf(row: ReconciledSku): number {
  if ((differenceOf(row) ?? 0) !== 0) return 0;
  if (row.open_count !== null) return 1;
  return row.count === null ? 2 : 3;
}

/** Differences first, the largest before others; then what is being counted, what is not counted, and what agrees. Among
 * equals the order stays: that of the link numbers. */
export function inTurn(rows: readonly ReconciledSku[]): readonly ReconciledSku[] {
  const size = (row: ReconciledSku) => Math.abs(differenceOf(row) ?? 0);
  return [...rows].sort((a, b) => turnOf(a) - turnOf(b) || size(b) - size(a));
}

/** Columns of units that are neither sold nor free. */
export const PENDING = ["held", "payment_pending", "paid_no_stock"] as const;
/** Columns of money that went back, or shall, while no unit moved. */
export const WITHOUT_GOODS = ["refund_asked", "refunded_without_goods", "refunded_no_stock"] as const;
/** Columns of a presale. */
export const PRESALE = ["sold", "awaiting_goods", "shipped", "unshipped", ...PENDING] as const;

export type Column = keyof SoldUnits;

/** The rows that have something in one of these columns. */
export function having(
  rows: readonly ReconciledSku[],
  columns: readonly Column[],
  of: (row: ReconciledSku) => SoldUnits | null,
): readonly ReconciledSku[] {
  return rows.filter((row) => {
    const units = of(row);
    return units !== null && columns.some((column) => units[column] !== 0);
  });
}
