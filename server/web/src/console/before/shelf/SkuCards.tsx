/** All that can be said of a SKU, a card each: when it is sold, its place in the show, the article, and off the shelf. */

import { useMemo, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { Tile } from "../../../shared/Tile";
import { useConsole } from "../../console";
import { Perform } from "../../operations/Perform";
import { takeOffShelf } from "../../operations/shelf";
import { useDraft } from "../form/drafts";
import { Field } from "../form/Field";
import { SaveRow } from "../form/SaveRow";
import { articleName, editArticle } from "./article";
import { editTerms, termName } from "./listing";
import { editPlan, planName } from "./slots";

interface Props {
  readonly sku: string;
  readonly title: string;
  readonly currency: string;
}

export function SkuCards({ sku, title, currency }: Props) {
  return (
    <div class="cards">
      <Window sku={sku} title={title} currency={currency} />
      <Planned sku={sku} title={title} />
      <OffShelf sku={sku} />
      <TheArticle sku={sku} title={title} currency={currency} />
    </div>
  );
}

function Window({ sku, title, currency }: Props) {
  const edit = useDraft(`sale ${currency} ${sku}`, (it) => editTerms(it, sku, currency));
  const field = (name: "opens_at_ms" | "closes_at_ms" | "last_n" | "presale") => (
    <Field edit={edit} field={name} label={termName(name)} hint={t(`before.term.${name}.hint`)} />
  );
  return (
    <section class="card" aria-label={t("before.card.sale")}>
      <h4>{t("before.card.sale")}</h4>
      {field("opens_at_ms")}
      {field("closes_at_ms")}
      {field("last_n")}
      {field("presale")}
      <SaveRow edit={edit} labelOf={termName} done={t("before.shelf.saved", { title })} />
    </section>
  );
}

function Planned({ sku, title }: { readonly sku: string; readonly title: string }) {
  const edit = useDraft(`plan ${sku}`, (it) => editPlan(it, sku));
  const isPlanned = edit.text("planned") === "yes";
  return (
    <section class="card" aria-label={t("before.card.plan")}>
      <h4>{t("before.card.plan")}</h4>
      <Field edit={edit} field="planned" label={planName("planned")} />
      {isPlanned && (
        <>
          <Field edit={edit} field="minutes" label={planName("minutes")} />
          <Field edit={edit} field="expected_units" label={planName("expected_units")} />
          <Field edit={edit} field="note" label={planName("note")} />
        </>
      )}
      <SaveRow edit={edit} labelOf={planName} done={t("before.plan.saved", { title })} />
    </section>
  );
}

function TheArticle({ sku, title, currency }: Props) {
  const it = useConsole();
  const edit = useDraft(`article ${currency} ${sku}`, (it) => editArticle(it, sku, currency));
  const image = it.kept.skus.of(sku)?.image_url ?? "";
  const field = (name: Parameters<typeof articleName>[0] & keyof typeof edit.kinds, hint = "") => (
    <Field edit={edit} field={name} label={articleName(name)} hint={hint && t(`before.article.${name}.hint`)} />
  );
  return (
    <section class="card" data-wide aria-label={t("before.card.article")}>
      <h4>{t("before.card.article")}</h4>
      <div class="two">
        {field("title")}
        {field("price_minor")}
        {field("category")}
        {field("supplier")}
        {field("zone")}
        {field("barcode")}
        {field("aliases", "hint")}
        {field("substitutes", "hint")}
        {field("safety_units", "hint")}
        <div class="picture">
          {field("image_url", "hint")}
          <Tile sku={sku} title={title} image={image || null} />
        </div>
      </div>
      <SaveRow edit={edit} labelOf={articleName} done={t("before.article.saved", { title })} />
    </section>
  );
}

function OffShelf({ sku }: { readonly sku: string }) {
  const it = useConsole();
  const [asked, setAsked] = useState(false);
  const operation = useMemo(() => takeOffShelf(it, sku), [it, sku]);
  return (
    <section class="card" aria-label={operation.label}>
      <h4>{operation.label}</h4>
      {asked ? (
        <Perform operation={operation} onCancel={() => setAsked(false)} />
      ) : (
        <button type="button" onClick={() => setAsked(true)}>
          {operation.label}
        </button>
      )}
    </section>
  );
}
