/** From how many units on a difference takes a second person, and how goods are received. */

import { t } from "../../../shared/i18n";
import { useConsole } from "../../console";
import { useDraft } from "../form/drafts";
import { Field } from "../form/Field";
import { SaveRow } from "../form/SaveRow";
import { CARE_FIELDS, careName, editCare } from "./care";

export function CareCard() {
  const it = useConsole();
  const pool = it.kept.settings.want().value;
  const edit = useDraft("care", editCare);
  if (pool === null) return null;
  return (
    <section class="card" aria-label={t("before.care")}>
      <h4>{t("before.care")}</h4>
      <div class="two">
        {CARE_FIELDS.map((field) => (
          <Field key={field} edit={edit} field={field} label={careName(field)} hint={t(`before.care.${field}.hint`)} />
        ))}
      </div>
      <SaveRow edit={edit} labelOf={careName} done={t("before.care.saved")} />
    </section>
  );
}
