/** Each SKU over all the days that are shown, with its days of inventory. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import type { SkuTotal } from "../../api/schema";
import type { Console } from "../../console";
import { linkTo } from "../place";
import { AwayText } from "../report/AwayText";
import { nameColumn } from "../report/columns";
import { BigTable, type Column } from "../table/BigTable";
import { unitColumns } from "./DaysTab";
import { inventoryColumn } from "./inventoryColumn";
import { type Range, readSkus } from "./reading";

interface Found {
  readonly skus: readonly SkuTotal[];
  /** Where to go on; null at the end. */
  readonly next: string | null;
}

export function SkuDays({ it, range }: { readonly it: Console; readonly range: Range }) {
  const [found, setFound] = useState<Found | null>(null);
  const [trouble, setTrouble] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const more = async (after: string) => {
    setBusy(true);
    setTrouble(null);
    const answer = await readSkus(it, range, after);
    setBusy(false);
    if (!answer.ok) setTrouble(answer.status);
    else setFound((before) => ({ skus: [...(before?.skus ?? []), ...answer.value.skus], next: answer.value.next }));
  };
  useEffect(() => void more(""), []);
  const title = t("after.days.skus");
  return (
    <section class="card" aria-label={title} aria-busy={busy}>
      <h3>{title}</h3>
      <p class="quiet">{t("after.days.skus.hint")}</p>
      {trouble === 422 ? (
        <p class="quiet">{t("after.days.skus.range")}</p>
      ) : (
        <AwayText trouble={trouble} onAgain={() => void more(found?.next ?? "")} />
      )}
      {found === null && trouble === null && <p>{t("after.reading")}</p>}
      {found !== null && (
        <BigTable
          title={title}
          rows={found.skus}
          columns={columns()}
          keyOf={({ sku }) => sku}
          textOf={({ sku, title: named, category }) => `${named} ${sku} ${category}`}
          isMarked={({ inventory }) => inventory.is_over}
        />
      )}
      {found !== null && found.next !== null && (
        <button type="button" disabled={busy} onClick={() => void more(found.next ?? "")}>
          {t("after.days.more")}
        </button>
      )}
    </section>
  );
}

function columns(): readonly Column<SkuTotal>[] {
  return [
    {
      ...nameColumn<SkuTotal>(),
      draw: ({ sku, title }) => <a href={linkTo({ tab: "days", detail: sku })}>{title || sku}</a>,
    },
    inventoryColumn(),
    ...unitColumns<SkuTotal>(({ units }) => units),
  ];
}
