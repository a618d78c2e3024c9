/** The report as files: to keep, to open in a spreadsheet, to print. */

import { useId, useState } from "preact/hooks";
import { language, t } from "../../../shared/i18n";
import type { ReportPart } from "../../api/schema";
import { ChoiceField } from "../../counts/form/Fields";

/** Every part that files have. */
const PARTS = [
  "skus",
  "pool",
  "channels",
  "batches",
  "minutes",
  "refusals",
  "alerts",
  "counts",
  "refunds",
] as const satisfies readonly ReportPart[];

export function Downloads({ show }: { readonly show: string }) {
  const [part, setPart] = useState<string>("skus");
  const base = `/v1/shows/${encodeURIComponent(show)}/report`;
  const spoken = `lang=${language.value}`;
  const title = t("after.downloads");
  const hint = useId();
  return (
    <fieldset class="downloads" aria-describedby={hint}>
      <legend class="visually-hidden">{title}</legend>
      <a class="button" href={`${base}.xlsx?${spoken}`} download>
        {t("after.downloads.xlsx")}
      </a>
      <a class="button" href={`${base}.html?${spoken}`} target="_blank" rel="noopener">
        {t("after.downloads.print")}
      </a>
      <a class="button" href={`${base}.json`} download>
        {t("after.downloads.json")}
      </a>
      <ChoiceField
        label={t("after.downloads.part")}
        value={part}
        choices={PARTS.map((each) => [each, t(`after.part.${each}`)] as const)}
        onValue={setPart}
      />
      <a class="button" href={`${base}.csv?part=${part}&${spoken}`} download>
        {t("after.downloads.csv")}
      </a>
      <p class="quiet" id={hint}>
        {t("after.downloads.hint")}
      </p>
    </fieldset>
  );
}
