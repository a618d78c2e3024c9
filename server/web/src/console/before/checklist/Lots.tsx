/** Goods that expire soon, the first to expire first, and what pulls them. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { answerOf } from "../../api/client";
import type { LotItem, LotList } from "../../api/schema";
import { useConsole } from "../../console";
import { Perform } from "../../operations/Perform";
import { Scroll } from "../form/Scroll";
import { UnitsField } from "../form/UnitsField";
import { lastsText, leftOf, lotKey, pullable, pullLot } from "./lots";
import type { Reading } from "./reading";

/** Rows at first, and as many more as a press brings. */
const SHOWN = 50;
const COLUMNS_ALL = 5;

export function Lots({ reading }: { readonly reading: Reading }) {
  const it = useConsole();
  const [list, setList] = useState<LotList | null>(null);
  const [most, setMost] = useState(SHOWN);
  const checked = reading.open.value.value?.seq;
  const read = () => {
    const params = { path: { pool: it.pool } };
    void answerOf(it.api.GET("/v1/pools/{pool}/lots", { params })).then((answer) => {
      if (answer.ok) setList(answer.value);
    });
  };
  useEffect(read, [it, checked]);
  if (list === null || list.lots.length === 0) return null;
  const { days, lots } = list;
  const again = () => {
    read();
    void reading.now();
  };
  return (
    <details class="folded">
      <summary>{t("lots.title", { count: lots.length, n: count(lots.length), days: count(days) })}</summary>
      <p class="quiet">{t("lots.what")}</p>
      <Scroll label={t("lots.label")}>
        <table class="sheet">
          <thead>
            <tr>
              <th scope="col">{t("before.sku")}</th>
              <th scope="col">{t("lots.lot")}</th>
              <th scope="col">{t("lots.expires")}</th>
              <th scope="col" class="number">
                {t("lots.left")}
              </th>
              <th scope="col">
                <span class="visually-hidden">{t("lots.pull")}</span>
              </th>
            </tr>
          </thead>
          {lots.slice(0, most).map((lot) => (
            <LotRow key={lotKey(lot)} lot={lot} again={again} />
          ))}
        </table>
      </Scroll>
      {lots.length > most && (
        <button type="button" onClick={() => setMost(most + SHOWN)}>
          {t("checklist.more", { count: Math.min(SHOWN, lots.length - most), left: count(lots.length - most) })}
        </button>
      )}
    </details>
  );
}

function LotRow({ lot, again }: { readonly lot: LotItem; readonly again: () => void }) {
  const it = useConsole();
  const [open, setOpen] = useState(false);
  const most = pullable(lot);
  const [units, setUnits] = useState<number | null>(most > 0 ? most : null);
  const operation = useMemo(() => pullLot(it, lot, units ?? 0, again), [it, lot, units]);
  const title = lot.title || lot.sku;
  return (
    <tbody data-open={open}>
      <tr>
        <th scope="row">
          {title} <span class="sku">{lot.sku}</span>
        </th>
        <td>{lot.lot || t("before.none")}</td>
        <td>
          {lot.expires_on} <span class="quiet">{lastsText(lot.days_left)}</span>
        </td>
        <td class="number">{count(leftOf(lot))}</td>
        <td>
          <button
            type="button"
            aria-expanded={open}
            aria-label={t("lots.pull_of", { title, lot: lot.lot || lot.expires_on })}
            onClick={() => setOpen(!open)}
          >
            {t("lots.pull")}
          </button>
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={COLUMNS_ALL}>
            <div class="narrow-form">
              <UnitsField label={t("before.units")} value={units} onValue={setUnits} max={Math.max(1, most)} />
              <Perform operation={operation} onDone={() => setOpen(false)} onCancel={() => setOpen(false)} />
            </div>
          </td>
        </tr>
      )}
    </tbody>
  );
}
