/** Of each SKU: what is set aside, and when it comes out. */

import { useMemo, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { useConsole } from "../../console";
import { ASIDE, type Aside, setAside } from "../../operations/goods";
import { Perform } from "../../operations/Perform";
import { useDraft } from "../form/drafts";
import { Field } from "../form/Field";
import { SaveRow } from "../form/SaveRow";
import { Scroll } from "../form/Scroll";
import { found } from "../form/SkuPicker";
import { UnitsField } from "../form/UnitsField";
import { editRule, modeName, RULE_FIELDS, ruleName, ruleOf, ruleText } from "./rule";

/** Rows of a page. */
const SHOWN_MAX = 100;
const COLUMNS_ALL = 6;
const UNITS_MAX = 1_000_000_000;

export function Reserves() {
  const it = useConsole();
  const skus = it.kept.skus.want().value;
  const listings = it.room === "" ? [] : it.kept.listings.want().value;
  const [typed, setTyped] = useState("");
  const [everything, setEverything] = useState(false);
  if (skus === null || listings === null) return <p aria-busy="true">{t("before.reading")}</p>;
  const here = new Set(listings.map(({ sku }) => sku));
  const inRoom = everything || here.size === 0 ? skus : skus.filter(({ sku }) => here.has(sku));
  const matching = found(typed, inRoom);
  return (
    <>
      <div class="buttons">
        <label class="search">
          {t("before.shelf.find")}
          <input type="search" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
        {here.size > 0 && (
          <label>
            <input
              type="checkbox"
              checked={everything}
              onChange={(event) => setEverything(event.currentTarget.checked)}
            />
            {t("before.reserve.everything")}
          </label>
        )}
      </div>
      {matching.length === 0 ? (
        <p class="empty">{t("before.reserve.empty")}</p>
      ) : (
        <Scroll label={t("before.step.reserve")}>
          <table class="sheet">
            <thead>
              <tr>
                <th scope="col">{t("before.sku")}</th>
                {["pool", ...ASIDE].map((place) => (
                  <th key={place} scope="col" class="number">
                    {t(`place.${place}`)}
                  </th>
                ))}
                <th scope="col">{t("before.rule")}</th>
                <th scope="col">
                  <span class="visually-hidden">{t("before.shelf.more")}</span>
                </th>
              </tr>
            </thead>
            {matching.slice(0, SHOWN_MAX).map(({ sku }) => (
              <ReserveRow key={sku} sku={sku} />
            ))}
          </table>
        </Scroll>
      )}
      {matching.length > SHOWN_MAX && <p class="quiet">{t("before.shelf.more_found", { shown: SHOWN_MAX })}</p>}
    </>
  );
}

function ReserveRow({ sku }: { readonly sku: string }) {
  const it = useConsole();
  const [open, setOpen] = useState(false);
  const row = it.kept.skus.of(sku);
  const units = it.live.units(sku).value;
  if (row === undefined) return null;
  const title = row.title || sku;
  const rule = ruleOf(row);
  return (
    <tbody data-open={open}>
      <tr>
        <th scope="row">
          {title} <span class="sku">{sku}</span>
        </th>
        {(["pool", ...ASIDE] as const).map((place) => (
          <td key={place} class="number">
            {count(units?.[place] ?? row.buckets[place] ?? 0)}
          </td>
        ))}
        <td>{ruleText(rule)}</td>
        <td>
          <button
            type="button"
            aria-expanded={open}
            aria-label={t("before.reserve.change_of", { title })}
            onClick={() => setOpen(!open)}
          >
            {t("before.reserve.change")}
          </button>
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={COLUMNS_ALL}>
            <div class="cards">
              <MoveAside sku={sku} />
              <RuleCard sku={sku} title={title} />
            </div>
          </td>
        </tr>
      )}
    </tbody>
  );
}

/** Move units into a place, or out of it. */
function MoveAside({ sku }: { readonly sku: string }) {
  const it = useConsole();
  const [place, setPlace] = useState<Aside>("elastic");
  const [way, setWay] = useState<"in" | "out">("in");
  const [units, setUnits] = useState<number | null>(null);
  const operation = useMemo(() => {
    if (units === null) return null;
    return setAside(it, sku, place, way === "in" ? units : -units);
  }, [it, sku, place, way, units]);
  return (
    <section class="card" aria-label={t("before.reserve.move")}>
      <h4>{t("before.reserve.move")}</h4>
      <div class="field">
        <label for={`aside-${sku}`}>{t("before.reserve.what")}</label>
        <select
          id={`aside-${sku}`}
          value={`${way} ${place}`}
          onChange={(event) => {
            const [to, which] = event.currentTarget.value.split(" ") as ["in" | "out", Aside];
            setWay(to);
            setPlace(which);
          }}
        >
          {ASIDE.flatMap((each) =>
            (["in", "out"] as const).map((to) => (
              <option key={each + to} value={`${to} ${each}`}>
                {t(`before.reserve.${to}`, { place: t(`place.${each}`) })}
              </option>
            )),
          )}
        </select>
      </div>
      <UnitsField label={t("before.units")} value={units} onValue={setUnits} max={UNITS_MAX} />
      {operation !== null && (
        <Perform operation={operation} onDone={() => setUnits(null)} onCancel={() => setUnits(null)} />
      )}
    </section>
  );
}

function RuleCard({ sku, title }: { readonly sku: string; readonly title: string }) {
  const edit = useDraft(`rule ${sku}`, (it) => editRule(it, sku));
  const isOff = edit.text("mode") === "off";
  return (
    <section class="card" aria-label={t("before.rule")}>
      <h4>{t("before.rule")}</h4>
      {RULE_FIELDS.filter((field) => field === "mode" || !isOff).map((field) => (
        <Field
          key={field}
          edit={edit}
          field={field}
          label={ruleName(field)}
          hint={field === "mode" ? undefined : t(`before.rule.${field}.hint`)}
          nameOf={modeName}
        />
      ))}
      <SaveRow
        edit={edit}
        labelOf={ruleName}
        nameOf={(_field, mode) => modeName(mode)}
        done={t("before.rule.saved", { title })}
      />
    </section>
  );
}
