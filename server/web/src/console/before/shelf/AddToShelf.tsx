/** The catalogue's SKUs that are not on the shelf, to tick and to put there. */

import { useMemo, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { useConsole } from "../../console";
import { Perform } from "../../operations/Perform";
import { putOnShelf } from "../../operations/shelf";
import { found } from "../form/SkuPicker";
import { goToStep } from "../steps";

/** So many are shown to tick; more typing finds the others. */
const SHOWN_MAX = 100;

export function AddToShelf({ onDone }: { readonly onDone: () => void }) {
  const it = useConsole();
  const [typed, setTyped] = useState("");
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const known = it.kept.skus.want().value ?? [];
  const listed = it.kept.listings.want().value;
  const there = useMemo(() => {
    const here = new Set((listed ?? []).map(({ sku }) => sku));
    return known.filter(({ sku }) => !here.has(sku));
  }, [known, listed]);
  const matching = found(typed, there);
  const operation = useMemo(() => putOnShelf(it, [...ticked]), [it, ticked]);
  const tick = (sku: string, isTicked: boolean) => {
    const next = new Set(ticked);
    if (isTicked) next.add(sku);
    else next.delete(sku);
    setTicked(next);
  };
  if (there.length === 0) {
    return (
      <div class="card">
        <p>{t(known.length === 0 ? "before.shelf.no_catalogue" : "before.shelf.all_listed")}</p>
        <button type="button" onClick={() => goToStep("import")}>
          {t("before.step.import")}
        </button>
      </div>
    );
  }
  return (
    <section class="card" aria-label={t("before.shelf.add")}>
      <div class="buttons">
        <label class="search">
          {t("before.shelf.find_article")}
          <input type="search" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
        <button type="button" onClick={() => setTicked(new Set([...ticked, ...matching.map(({ sku }) => sku)]))}>
          {t("before.shelf.tick_all", { count: matching.length })}
        </button>
      </div>
      <ul class="ticks">
        {matching.slice(0, SHOWN_MAX).map(({ sku, title }) => (
          <li key={sku}>
            <label>
              <input
                type="checkbox"
                checked={ticked.has(sku)}
                onChange={(event) => tick(sku, event.currentTarget.checked)}
              />
              <span>{title || sku}</span>
              <span class="sku">{sku}</span>
              <span class="number">{t("before.shelf.free", { units: count(it.leftOf(sku)) })}</span>
            </label>
          </li>
        ))}
      </ul>
      {matching.length > SHOWN_MAX && <p class="quiet">{t("before.shelf.more_found", { shown: SHOWN_MAX })}</p>}
      <Perform operation={operation} onDone={onDone} onCancel={onDone} />
    </section>
  );
}
