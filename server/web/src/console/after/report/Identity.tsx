/** The pool while the show was on: what was there, came and went, and what has to be there at the end. */

import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { Report } from "../../api/schema";

export const CAME = ["received", "returned", "gained"] as const;
export const WENT = ["shipped", "written_off", "lost"] as const;

export function Identity({ report }: { readonly report: Report }) {
  const { pool_totals: totals } = report;
  const term = (name: "opening" | "closing" | (typeof CAME)[number] | (typeof WENT)[number], sign: string) => (
    <div key={name} class="identity-term" data-term={name}>
      <dt>
        {sign !== "" && <span class="identity-sign">{sign}</span>} {t(`after.pool.${name}`)}
      </dt>
      <dd>{count(totals[name])}</dd>
    </div>
  );
  return (
    <>
      <dl class="identity">
        {term("opening", "")}
        {CAME.map((name) => term(name, "+"))}
        {WENT.map((name) => term(name, "−"))}
        {term("closing", "=")}
      </dl>
      {totals.difference === 0 ? (
        <p class="note identity-holds">{t("after.pool.holds")}</p>
      ) : (
        <p class="fault" role="alert">
          {t("after.pool.differs", { units: count(totals.difference) })}
        </p>
      )}
      {(totals.external_sold > 0 || totals.oversold > 0) && (
        <p class="quiet">
          {t("after.pool.external", { sold: count(totals.external_sold), oversold: count(totals.oversold) })}
        </p>
      )}
    </>
  );
}
