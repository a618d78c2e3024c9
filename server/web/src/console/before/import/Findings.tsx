/** What was found in a file: rows with faults, rows that are new, rows that change something. */

import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { CataloguePreview, ImportItem, PreviewRow } from "../../api/schema";
import { Scroll } from "../form/Scroll";
import { faultText } from "./faultText";
import type { Read } from "./importing";

/** Rows that are drawn of each kind; the counts are of all. */
export const DRAWN_MAX = 200;

export function Faults({ preview }: { readonly preview: Read }) {
  return (
    <section class="card fault" aria-label={t("before.import.faults")}>
      <h4>{t("before.import.faults_of", { count: preview.fault_count })}</h4>
      <p>{t("before.import.faults.what")}</p>
      <Scroll label={t("before.import.faults")}>
        <table class="sheet small">
          <thead>
            <tr>
              <th scope="col">{t("before.import.line")}</th>
              <th scope="col">{t("before.import.column")}</th>
              <th scope="col">{t("before.import.wrong")}</th>
            </tr>
          </thead>
          <tbody>
            {preview.faults.slice(0, DRAWN_MAX).map(({ line, column, message }) => (
              <tr key={`${line} ${column} ${message}`}>
                <th scope="row">{line}</th>
                <td>{column}</td>
                <td>{faultText(message)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Rest all={preview.fault_count} />
    </section>
  );
}

export function Changes({ preview }: { readonly preview: CataloguePreview }) {
  const fresh = preview.changes.filter(({ verdict }) => verdict === "new");
  const changed = preview.changes.filter(({ verdict }) => verdict !== "new");
  return (
    <>
      {fresh.length > 0 && (
        <section class="card" aria-label={t("before.import.new")}>
          <h4>{t("before.import.new_of", { count: fresh.length })}</h4>
          <Rows rows={fresh} isNew />
        </section>
      )}
      {changed.length > 0 && (
        <section class="card" aria-label={t("before.import.changed")}>
          <h4>{t("before.import.changed_of", { count: changed.length })}</h4>
          <Rows rows={changed} />
        </section>
      )}
      {preview.same > 0 && <p class="quiet">{t("before.import.same", { count: preview.same })}</p>}
    </>
  );
}

/** A column as people call it; the file's own name where the page has none. */
function columnName(column: string): string {
  const key = `before.import.column.${column}`;
  const name = t(key);
  return name === key ? column : name;
}

/** A value without the quotes that set a text off; one that there is not, in words. */
function plain(value: string): string {
  return value === "none" ? t("before.none") : (/^'(.*)'$/.exec(value)?.[1] ?? value);
}

function Rows({ rows, isNew = false }: { readonly rows: readonly PreviewRow[]; readonly isNew?: boolean }) {
  return (
    <>
      <Scroll label={t(isNew ? "before.import.new" : "before.import.changed")}>
        <table class="sheet small">
          <thead>
            <tr>
              <th scope="col">{t("before.import.line")}</th>
              <th scope="col">{t("before.sku")}</th>
              {!isNew && <th scope="col">{t("before.import.from_to")}</th>}
              <th scope="col" class="number">
                {t("before.import.units")}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, DRAWN_MAX).map((row) => (
              <tr key={row.line}>
                <td>{row.line}</td>
                <th scope="row">
                  {row.title} <span class="sku">{row.sku}</span>
                </th>
                {!isNew && (
                  <td>
                    <ul class="changes">
                      {row.changes.map(({ column, before, after }) => (
                        <li key={column}>
                          <span class="quiet">{columnName(column)}</span> <del>{plain(before)}</del> →{" "}
                          <ins>{plain(after)}</ins>
                        </li>
                      ))}
                    </ul>
                  </td>
                )}
                <td class="number">
                  {count(row.receives)}
                  {row.kept_back > 0 && <p class="quiet">{t("before.import.kept_back", { count: row.kept_back })}</p>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Rest all={rows.length} />
    </>
  );
}

export function Refused({ item }: { readonly item: ImportItem }) {
  return (
    <section aria-label={t("before.import.refused_rows")}>
      <h4>{t("before.import.refused_rows")}</h4>
      <table class="sheet small">
        <thead>
          <tr>
            <th scope="col">{t("before.import.line")}</th>
            <th scope="col">{t("before.sku")}</th>
            <th scope="col">{t("before.import.wrong")}</th>
          </tr>
        </thead>
        <tbody>
          {item.refused.slice(0, DRAWN_MAX).map(({ line, sku, reason, code }) => (
            <tr key={`${line} ${sku}`}>
              <td>{line}</td>
              <th scope="row">{sku}</th>
              <td>{code === "STALE" ? t("before.import.stale") : reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Rest all={item.refused_count} />
    </section>
  );
}

export function Rest({ all }: { readonly all: number }) {
  return all > DRAWN_MAX ? <p class="quiet">{t("before.import.rest", { count: all - DRAWN_MAX })}</p> : null;
}
