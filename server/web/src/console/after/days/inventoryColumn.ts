/** How long the stock of a SKU lasts, as a column of the tables of days and of what is slow. */

import { t } from "../../../shared/i18n";
import type { Inventory } from "../../api/schema";
import type { Column } from "../table/BigTable";
import { inventoryText } from "./sentences";

export function inventoryColumn<R extends { readonly inventory: Inventory }>(): Column<R> {
  return {
    id: "inventory",
    label: t("after.inventory"),
    rem: 17,
    isNumber: true,
    value: ({ inventory }) => inventory.days_of_inventory,
    text: ({ inventory }) => inventoryText(inventory),
  };
}
