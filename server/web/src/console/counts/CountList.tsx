/** The counts of the pool: what is open and what it waits for, and those that are over. */

import { timeOrDate } from "../../shared/format";
import { t } from "../../shared/i18n";
import type { CountItem } from "../api/schema";
import { useDesk } from "./desk";
import { useShown } from "./over";
import { goTo, linkTo } from "./parts";
import { isOver, progressText, signedText, titleOf, waitsFor } from "./sentences";
import { Unread } from "./Unread";

export function CountList() {
  const { counts, leads } = useDesk();
  const all = counts.want().value;
  const { shown, tick } = useShown(all, isOver);
  return (
    <>
      <div class="buttons">
        {leads && (
          <button type="button" class="main" onClick={() => goTo({ kind: "new_count" })}>
            {t("counts.new")}
          </button>
        )}
        {tick}
      </div>
      <Unread kept={counts} />
      {all !== null && shown.length === 0 && <p class="empty">{t(leads ? "counts.none.leads" : "counts.none")}</p>}
      <ul class="list">
        {shown.map((each) => (
          <Card key={each.count} item={each} />
        ))}
      </ul>
    </>
  );
}

function Card({ item }: { readonly item: CountItem }) {
  const title = titleOf(item);
  const signed = isOver(item) ? "" : signedText(item);
  return (
    <li class="card count-card">
      <div class="card-head">
        <h3>
          <a href={linkTo({ kind: "count", id: item.count })}>{title}</a>
        </h3>
        <span class="badge" data-state={item.state}>
          {t(`counts.state.${item.state}`)}
        </span>
        {item.blind && <span class="badge">{t("counts.blind")}</span>}
      </div>
      {item.note !== "" && <p class="note">{item.note}</p>}
      {!isOver(item) && <progress max={Math.max(1, item.rows)} value={item.counted_rows} aria-label={title} />}
      <p class="quiet">{[progressText(item), ...waitsFor(item), signed, overText(item)].filter(Boolean).join(" · ")}</p>
      <p class="quiet">{t("counts.made", { who: item.made_by, at: timeOrDate(item.made_at_ms) })}</p>
    </li>
  );
}

function overText({ state, applied_at_ms, applied_by }: CountItem): string {
  if (state !== "applied" || applied_at_ms === null) return "";
  return t("counts.applied", { who: applied_by, at: timeOrDate(applied_at_ms) });
}
