/** What to search for. */

import { useId } from "preact/hooks";
import { t } from "../../shared/i18n";
import { useConsole } from "../console";
import { unreadText } from "../operations/problem";
import { EMPTY, type Field, fieldOf, TIMES, WORDS } from "./query";
import type { Searching } from "./search";

/** SKUs that are offered while one types. */
const OFFERED_MAX = 200;

export function SearchForm({ searching }: { readonly searching: Searching }) {
  const it = useConsole();
  const id = useId();
  const form = searching.form.value;
  const fault = searching.fault.value;
  const wrong = fault === null ? null : fieldOf(fault.problem.field ?? "");
  const type = (field: Field, text: string) => {
    searching.form.value = { ...searching.form.peek(), [field]: text };
  };
  const typed = form.sku.toLowerCase();
  const skus = typed === "" ? [] : it.live.skus.value.filter((sku) => sku.toLowerCase().includes(typed));
  return (
    <search>
      <form
        class="ledger-form"
        onSubmit={(event) => {
          event.preventDefault();
          void searching.search();
        }}
      >
        {[...WORDS, ...TIMES].map((field) => (
          <label key={field}>
            {t(`ledger.field.${field}`)}
            <input
              type={field === "from" || field === "to" ? "datetime-local" : "text"}
              name={field}
              value={form[field]}
              maxLength={200}
              autocomplete="off"
              spellcheck={false}
              list={field === "sku" ? `${id}-skus` : undefined}
              aria-invalid={wrong === field}
              aria-describedby={wrong === field ? `${id}-fault` : `${id}-hint`}
              onInput={(event) => type(field, event.currentTarget.value)}
            />
          </label>
        ))}
        <datalist id={`${id}-skus`}>
          {skus.slice(0, OFFERED_MAX).map((sku) => (
            <option key={sku} value={sku} label={it.titleOf(sku)} />
          ))}
        </datalist>
        <div class="ledger-buttons">
          <button type="submit" class="main">
            {t("ledger.go")}
          </button>
          <button
            type="button"
            onClick={() => {
              searching.form.value = EMPTY;
            }}
          >
            {t("ledger.clear")}
          </button>
        </div>
        <p id={`${id}-hint`} class="ledger-hint">
          {t("ledger.hint")}
        </p>
        {fault !== null && (
          <p id={`${id}-fault`} class="ledger-fault" role="alert">
            {unreadText(fault.problem, fault.status)}
          </p>
        )}
      </form>
    </search>
  );
}
