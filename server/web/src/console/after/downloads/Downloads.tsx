/** The report as files: to keep, to open in a spreadsheet, to print. */

import { useId, useState } from "preact/hooks";
import { language, t } from "../../../shared/i18n";
import type { Report, ReportPart } from "../../api/schema";
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

export function Downloads({ report }: { readonly report: Report }) {
  const [part, setPart] = useState<string>("skus");
  const base = `/v1/shows/${encodeURIComponent(report.show)}/report`;
  // The one that is shown, though there may be a later one.
  const state = `state=${report.state}`;
  const asked = `${state}&lang=${language.value}`;
  const title = t("after.downloads");
  const hint = useId();
  return (
    <fieldset class="downloads" aria-describedby={hint}>
      <legend class="visually-hidden">{title}</legend>
      <a class="button" href={`${base}.xlsx?${asked}`} download>
        {t("after.downloads.xlsx")}
      </a>
      <a class="button" href={`${base}.html?${asked}`} target="_blank" rel="noopener">
        {t("after.downloads.print")}
      </a>
      <a class="button" href={`${base}.json?${state}`} download>
        {t("after.downloads.json")}
      </a>
      <ChoiceField
        label={t("after.downloads.part")}
        value={part}
        choices={PARTS.map((each) => [each, t(`after.part.${each}`)] as const)}
        onValue={setPart}
      />
      <a class="button" href={`${base}.csv?part=${part}&${asked}`} download>
        {t("after.downloads.csv")}
      </a>
      <p class="quiet" id={hint}>
        {t("after.downloads.hint")}
        {isElsewhere(report) && ` ${t("after.downloads.zone", { zone: report.time_zone })}`}
      </p>
    </fieldset>
  );
}

/** Whether it was another time of day where the device is: by its clock the console tells times, and files by the pool's. */
function isElsewhere({ at_ms, time_zone }: Report): boolean {
  const clock = (timeZone?: string) =>
    new Intl.DateTimeFormat("en", { timeZone, dateStyle: "short", timeStyle: "short" }).format(at_ms);
  try {
    return clock(time_zone) !== clock();
  } catch {
    // A browser need not know every zone that the server knows.
    return true;
  }
}
