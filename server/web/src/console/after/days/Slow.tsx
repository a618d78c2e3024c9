/** What does not sell, why that may be and what to do; and what there is too much of. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { SkuStock, SlowMover, SlowMovers } from "../../api/schema";
import type { Console } from "../../console";
import { ChoiceField } from "../../counts/form/Fields";
import { Kept } from "../../live/kept";
import { linkTo } from "../place";
import { AwayText } from "../report/AwayText";
import { nameColumn } from "../report/columns";
import { NONE } from "../report/numbers";
import { BigTable, type Column } from "../table/BigTable";
import { inventoryColumn } from "./inventoryColumn";
import { readSlow } from "./reading";
import { valueText, whyText } from "./sentences";

export function Slow({ it }: { readonly it: Console }) {
  const [weekly, setWeekly] = useState(false);
  const kept = useMemo(() => new Kept(() => readSlow(it, weekly)), [it, weekly]);
  useEffect(() => () => kept.close(), [kept]);
  const found = kept.want().value;
  const title = t("after.slow");
  return (
    <section class="card" aria-label={title}>
      <h3>{title}</h3>
      <p class="quiet">{t("after.slow.hint")}</p>
      <ChoiceField
        label={t("after.slow.when")}
        value={weekly ? "weekly" : "now"}
        choices={[
          ["now", t("after.slow.now")],
          ["weekly", t("after.slow.weekly")],
        ]}
        onValue={(value) => setWeekly(value === "weekly")}
      />
      <AwayText trouble={kept.trouble.value} onAgain={() => void kept.now()} />
      {found === null && kept.trouble.value === null && <p aria-busy="true">{t("after.reading")}</p>}
      {found !== null && <Found found={found} title={title} />}
    </section>
  );
}

function Found({ found, title }: { readonly found: SlowMovers; readonly title: string }) {
  const { date, slow, slow_count, overstocked, overstocked_count } = found;
  if (date === null) return <p class="quiet">{t("after.days.none_kept")}</p>;
  const rest = (all: number, shown: number) =>
    all > shown && <p class="quiet">{t("after.slow.rest", { rest: count(all - shown) })}</p>;
  return (
    <>
      <p class="quiet">{t("after.slow.as_of", { date })}</p>
      <BigTable
        title={title}
        rows={slow}
        columns={slowColumns()}
        keyOf={({ sku }) => sku}
        textOf={({ sku, title: named, category }) => `${named} ${sku} ${category}`}
        isTall
        empty={t("after.slow.none")}
      />
      {rest(slow_count, slow.length)}
      <h4 class="apart">{t("after.over")}</h4>
      <BigTable
        title={t("after.over")}
        rows={overstocked}
        columns={overColumns()}
        keyOf={({ sku }) => sku}
        textOf={({ sku, title: named, category }) => `${named} ${sku} ${category}`}
        empty={t("after.over.none")}
      />
      {rest(overstocked_count, overstocked.length)}
    </>
  );
}

function named<R extends { readonly sku: string; readonly title: string }>(): Column<R> {
  return {
    ...nameColumn<R>(),
    draw: ({ sku, title }) => <a href={linkTo({ tab: "days", detail: sku })}>{title || sku}</a>,
  };
}

function slowColumns(): readonly Column<SlowMover>[] {
  return [
    named(),
    { id: "units", label: t("after.slow.units"), rem: 5, isNumber: true, value: ({ units }) => units },
    {
      id: "value",
      label: t("after.slow.value"),
      rem: 8,
      isNumber: true,
      value: ({ price_minor, units }) => (price_minor === null ? null : price_minor * units),
      text: (row) => valueText(row) || NONE,
    },
    { id: "idle", label: t("after.slow.idle"), rem: 6, isNumber: true, value: ({ idle_days }) => idle_days },
    { id: "last", label: t("after.slow.last"), rem: 8, value: ({ last_sale }) => last_sale },
    { id: "why", label: t("after.suggestion.why"), rem: 18, value: whyText },
    { id: "remedy", label: t("after.suggested"), rem: 10, value: ({ remedy }) => t(`after.slow.remedy.${remedy}`) },
  ];
}

function overColumns(): readonly Column<SkuStock>[] {
  return [
    named(),
    { id: "units", label: t("after.slow.units"), rem: 6, isNumber: true, value: ({ units }) => units },
    inventoryColumn(),
  ];
}
