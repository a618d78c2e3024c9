/** The pool day by day: what each day came to, what lies for how long, and what does not sell. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import type { DayTotal, DayTotals, DayUnits } from "../../api/schema";
import type { Console } from "../../console";
import { TextField } from "../../counts/form/Fields";
import { Kept } from "../../live/kept";
import { here, linkTo } from "../place";
import { AwayText } from "../report/AwayText";
import { Bars } from "../report/Bars";
import { netText, unitsOr } from "../report/numbers";
import { BigTable, type Column } from "../table/BigTable";
import { type Range, readDays } from "./reading";
import { SkuDays } from "./SkuDays";
import { Slow } from "./Slow";
import { inventoryText } from "./sentences";

/** Days that the bars have. */
const BARS_MAX = 14;
const DATE_LENGTH = 10;

export function DaysTab({ it }: { readonly it: Console }) {
  const sku = here().detail;
  const [range, setRange] = useState<Range>({ from: "", to: "" });
  return (
    <>
      <Choose range={range} onRange={setRange} />
      <Days key={`${sku} ${range.from} ${range.to}`} it={it} range={range} sku={sku} />
      {sku === "" && <SkuDays key={`${range.from} ${range.to}`} it={it} range={range} />}
      {sku === "" && <Slow it={it} />}
    </>
  );
}

function Choose({ range, onRange }: { readonly range: Range; readonly onRange: (range: Range) => void }) {
  const [from, setFrom] = useState(range.from);
  const [to, setTo] = useState(range.to);
  return (
    <form
      class="report-tools"
      onSubmit={(event) => {
        event.preventDefault();
        onRange({ from, to });
      }}
    >
      <TextField label={t("after.days.from")} type="date" value={from} maxLength={DATE_LENGTH} onValue={setFrom} />
      <TextField label={t("after.days.to")} type="date" value={to} maxLength={DATE_LENGTH} onValue={setTo} />
      <button type="submit">{t("after.days.show")}</button>
    </form>
  );
}

interface DaysProps {
  readonly it: Console;
  readonly range: Range;
  /** "" for all. */
  readonly sku: string;
}

function Days({ it, range, sku }: DaysProps) {
  const kept = useMemo(() => new Kept(() => readDays(it, range, sku)), []);
  useEffect(() => () => kept.close(), [kept]);
  const found = kept.want().value;
  const trouble = kept.trouble.value;
  const title = sku === "" ? t("after.days") : t("after.days.of", { title: it.titleOf(sku) });
  return (
    <section class="card" aria-label={title}>
      <h3>{title}</h3>
      {sku !== "" && (
        <p class="back">
          <a href={linkTo({ tab: "days" })}>{t("after.days.all")}</a>
        </p>
      )}
      {trouble === 422 ? (
        <p class="fault" role="alert">
          {t("after.days.range")}
        </p>
      ) : (
        <AwayText trouble={trouble} onAgain={() => void kept.now()} />
      )}
      {found === null && trouble === null && <p aria-busy="true">{t("after.reading")}</p>}
      {found !== null && <Found found={found} title={title} />}
    </section>
  );
}

function Found({ found, title }: { readonly found: DayTotals; readonly title: string }) {
  const { days, inventory, first, last, day_starts, time_zone } = found;
  if (first === null || last === null) return <p class="quiet">{t("after.days.none_kept")}</p>;
  const newest = [...days].reverse();
  return (
    <>
      <p class="quiet">{t("after.days.kept", { first, last, starts: day_starts, zone: time_zone })}</p>
      {inventory !== null && <p>{inventoryText(inventory)}</p>}
      {days.length === 0 ? (
        <p class="quiet">{t("after.days.none")}</p>
      ) : (
        <>
          <Bars
            title={t("after.days.bars")}
            parts={[t("after.days.sold"), t("after.pool.external_sold")]}
            isStacked
            rows={newest
              .slice(0, BARS_MAX)
              .map(({ date, units }) => ({ key: date, label: date, values: [units.sold, units.external_sold] }))}
          />
          <BigTable
            title={title}
            rows={newest}
            columns={columns()}
            keyOf={({ date }) => date}
            textOf={({ date }) => date}
          />
        </>
      )}
    </>
  );
}

const UNITS = ["opening", "received", "returned", "gained", "shipped", "written_off", "lost", "closing"] as const;

function columns(): readonly Column<DayTotal>[] {
  return [
    { id: "date", label: t("after.days.date"), rem: 8, isName: true, value: ({ date }) => date },
    ...unitColumns<DayTotal>(({ units }) => units),
    {
      id: "money",
      label: t("after.sku.paid"),
      rem: 9,
      isNumber: true,
      value: ({ units: { money } }) => money[0]?.paid_minor ?? null,
      text: ({ units: { money } }) => netText(money),
    },
  ];
}

/** What was sold, and the sum of what came and went. */
export function unitColumns<R>(of: (row: R) => DayUnits): readonly Column<R>[] {
  const column = (id: keyof DayUnits, label: string): Column<R> => ({
    id,
    label,
    rem: 6.5,
    isNumber: true,
    value: (row) => of(row)[id] as number,
    text: (row) => unitsOr(of(row)[id] as number),
  });
  return [
    column("sold", t("after.days.sold")),
    column("external_sold", t("after.pool.external_sold")),
    column("presale_sold", t("after.presale")),
    ...UNITS.map((name) => column(name, t(`after.pool.${name}`))),
  ];
}
