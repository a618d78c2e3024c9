/** Bars beside each other, a row each, with their numbers written out; and the same as a table. */

import { useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import "./bars.css";

export interface BarRow {
  readonly key: string;
  readonly label: string;
  /** One for each of the parts; null where there is none. */
  readonly values: readonly (number | null)[];
}

interface Props {
  readonly title: string;
  readonly hint?: string;
  /** What the parts are called: the first is filled, the second is hatched. */
  readonly parts: readonly [string, string];
  /** Whether the second begins where the first ends; else it stands below it. */
  readonly isStacked: boolean;
  readonly rows: readonly BarRow[];
}

export function Bars({ title, hint, parts, isStacked, rows }: Props) {
  const [isTable, setTable] = useState(false);
  const sizes = rows.map(({ values }) => {
    const known = values.map((value) => Math.max(0, value ?? 0));
    return isStacked ? known.reduce((sum, value) => sum + value, 0) : Math.max(...known);
  });
  const most = Math.max(1, ...sizes);
  return (
    <figure class="bars" data-stacked={isStacked}>
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-legend">
          {parts.map((part, place) => (
            <span key={part}>
              <span class="bars-key" data-part={place} aria-hidden="true" /> {part}
            </span>
          ))}
        </span>
        <button type="button" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          {t("after.chart.table")}
          <span class="visually-hidden">{`: ${title}`}</span>
        </button>
      </figcaption>
      {hint !== undefined && <p class="quiet">{hint}</p>}
      {!isTable && (
        <div class="bars-rows" aria-hidden="true">
          {rows.map(({ key, label, values }) => (
            <div key={key} class="bars-row">
              <span class="bars-label" title={label}>
                {label}
              </span>
              <span class="bars-plot">
                {values.map((value, place) => (
                  <span
                    key={parts[place]}
                    class="bars-bar"
                    data-part={place}
                    style={{ inlineSize: `${(Math.max(0, value ?? 0) / most) * 100}%` }}
                  />
                ))}
              </span>
              <span class="bars-values">
                {values.map((value) => (value === null ? "–" : count(value))).join(" / ")}
              </span>
            </div>
          ))}
        </div>
      )}
      <div class={isTable ? "bars-table" : "visually-hidden"} tabIndex={isTable ? 0 : undefined}>
        <table>
          <caption class="visually-hidden">{title}</caption>
          <thead>
            <tr>
              <th scope="col">{t("after.column.goods")}</th>
              {parts.map((part) => (
                <th key={part} scope="col">
                  {part}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, label, values }) => (
              <tr key={key}>
                <th scope="row">{label}</th>
                {values.map((value, place) => (
                  <td key={parts[place]}>{value === null ? "–" : count(value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
