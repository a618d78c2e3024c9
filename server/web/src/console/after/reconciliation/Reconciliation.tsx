/** After a show: what was sold beside what was counted, what is neither sold nor free, and refunds that wait. */

import { useEffect, useMemo } from "preact/hooks";
import { count, price, timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { Answer } from "../../api/client";
import type { Reconciliation as Found, MoneyTotal, ReconciliationTotals, ShowItem } from "../../api/schema";
import type { Console } from "../../console";
import { useDesk } from "../../counts/desk";
import { readJob } from "../../counts/jobs";
import { Unread } from "../../counts/Unread";
import { Kept } from "../../live/kept";
import { Apart } from "./Apart";
import { CountNow } from "./CountNow";
import { Differences } from "./Differences";
import { Refunds } from "./Refunds";

/** The request waits no longer, in ms: this page's own patience with a request is longer. */
const WAIT_MS = 10_000;

export function Reconciliation({ it, show }: { readonly it: Console; readonly show: ShowItem }) {
  const desk = useDesk();
  const kept = useMemo(() => new Kept(() => read(it, show.show)), [it, show]);
  useEffect(() => {
    const ends = [
      desk.onChange(() => kept.changed()),
      it.live.onEvent(({ type }) => {
        if (type === "refund_request") kept.changed();
      }),
    ];
    return () => {
      for (const end of ends) end();
      kept.close();
    };
  }, [desk, it, kept]);
  const found = kept.want().value;
  return (
    <>
      <Unread kept={kept} />
      {found !== null && (
        <>
          <div class="after-as-of">
            <p class="quiet">{t("after.as_of", { at: timeOrDate(found.at_ms) })}</p>
            <button type="button" onClick={() => void kept.now()}>
              {t("after.again")}
            </button>
          </div>
          <Sums totals={found.totals} />
          <CountNow it={it} show={show} totals={found.totals} />
          <Differences rows={found.skus} />
          <Apart found={found} />
          <Refunds it={it} found={found} onDone={() => void kept.now()} />
        </>
      )}
    </>
  );
}

/** A job of the server's. */
function read(it: Console, show: string): Promise<Answer<Found>> {
  const params = { path: { show }, query: { wait_ms: WAIT_MS } };
  return readJob<Found>(it.api, it.pool, () => it.api.GET("/v1/shows/{show}/reconciliation", { params }));
}

const SUMS = ["sold", "cancelled", "shipped", "unshipped"] as const;

function Sums({ totals }: { readonly totals: ReconciliationTotals }) {
  return (
    <section class="card" aria-label={t("after.sums")}>
      <h3>{t("after.sums")}</h3>
      <dl class="after-sums">
        {SUMS.map((column) => (
          <div key={column}>
            <dt>{t(`after.column.${column}`)}</dt>
            <dd>{count(totals.stock[column])}</dd>
          </div>
        ))}
        <div>
          <dt>{t("after.sums.counted")}</dt>
          <dd>{t("after.sums.of", { done: count(totals.counted), of: count(totals.skus) })}</dd>
        </div>
        <div>
          <dt>{t("after.sums.differing")}</dt>
          <dd>{differencesText(totals)}</dd>
        </div>
      </dl>
      {totals.money.length > 0 && (
        <ul class="after-money">
          {totals.money.map((each) => (
            <li key={each.currency}>{moneyText(each)}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function differencesText({
  counted,
  differing,
  gained,
  lost,
  shortage,
  open_differences,
}: ReconciliationTotals): string {
  const found = { count: differing, skus: count(differing), gained: count(gained), lost: count(lost) };
  // What nobody has counted does not agree either.
  const said = counted === 0 ? [] : [t("after.sums.differences", found)];
  if (shortage > 0) said.push(t("after.sums.shortage", { units: count(shortage) }));
  if (open_differences > 0) said.push(t("after.sums.open", { skus: count(open_differences) }));
  return said.length === 0 ? "–" : said.join(t("after.between"));
}

function moneyText({ currency, paid_minor, by_price_minor, refunded_minor }: MoneyTotal): string {
  const said: string[] = [];
  if (paid_minor !== 0 || by_price_minor === 0)
    said.push(t("after.money.paid", { money: price(paid_minor, currency) }));
  if (by_price_minor !== 0) said.push(t("after.money.by_price", { money: price(by_price_minor, currency) }));
  if (refunded_minor !== 0) said.push(t("after.money.refunded", { money: price(refunded_minor, currency) }));
  return said.join(t("after.between"));
}
