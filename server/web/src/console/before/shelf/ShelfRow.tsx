/** A SKU's row on the shelf: the terms that are set for each show to type over, and all others behind a button. */

import { useState } from "preact/hooks";
import { count, price } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { useConsole } from "../../console";
import { useDraft } from "../form/drafts";
import { Clash, Field } from "../form/Field";
import { useSaving } from "../form/SaveRow";
import { editTerms, termName, windowName } from "./listing";
import { SkuCards } from "./SkuCards";

const COLUMNS_ALL = 8;

export function ShelfRow({ sku }: { readonly sku: string }) {
  const it = useConsole();
  const [open, setOpen] = useState(false);
  const row = it.kept.listings.value.value?.find((each) => each.sku === sku);
  const article = it.kept.skus.of(sku);
  const currency = row?.currency || article?.currency || "CNY";
  const edit = useDraft(`terms ${currency} ${sku}`, (it) => editTerms(it, sku, currency));
  const title = row?.title || article?.title || sku;
  const save = useSaving({ edit, done: t("before.shelf.saved", { title }) });
  const commit = () => void save();
  if (row === undefined) return null;
  const common = { edit, bare: true, onCommit: commit };
  const labelled = (field: string) => t("before.shelf.cell", { column: termName(field), title });
  const ofCatalogue = article === undefined ? "" : price(article.price_minor, currency);
  return (
    <tbody data-open={open}>
      <tr>
        <td class="narrow">
          <Field {...common} field="link" label={labelled("link")} />
        </td>
        <td>
          <Field {...common} field="title" label={labelled("title")} placeholder={article?.title || sku} />
          <span class="sku">{sku}</span>
        </td>
        <td class="narrow">
          <Field {...common} field="price_minor" label={labelled("price_minor")} placeholder={ofCatalogue} />
        </td>
        <td class="narrow">
          <Field
            {...common}
            field="limit_per_order"
            label={labelled("limit_per_order")}
            placeholder={t("before.none")}
          />
        </td>
        <td class="narrow">
          <Field {...common} field="limit_per_user" label={labelled("limit_per_user")} placeholder={t("before.none")} />
        </td>
        <td>
          <Field {...common} field="limit_window" label={labelled("limit_window")} nameOf={windowName} />
        </td>
        <td class="number">{count(row.available)}</td>
        <td>
          <button
            type="button"
            aria-expanded={open}
            aria-label={t("before.shelf.more_of", { title })}
            onClick={() => setOpen(!open)}
          >
            {t("before.shelf.more")}
          </button>
        </td>
      </tr>
      {(edit.trouble.value !== "" || edit.conflicts.value.length > 0) && (
        <tr>
          <td colSpan={COLUMNS_ALL}>
            {edit.trouble.value !== "" && (
              <p class="field-fault" role="alert">
                {edit.trouble.value}
              </p>
            )}
            <Clash edit={edit} labelOf={termName} nameOf={(_field, choice) => windowName(choice)} onChosen={commit} />
          </td>
        </tr>
      )}
      {open && (
        <tr>
          <td colSpan={COLUMNS_ALL}>
            <SkuCards sku={sku} title={title} currency={currency} />
          </td>
        </tr>
      )}
    </tbody>
  );
}
