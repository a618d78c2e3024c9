/** What the show came to, in a few numbers. */

import { count, price } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { Report } from "../../api/schema";
import { about, lostText, NONE, netOf, shareOr, signed, unitsOr } from "./numbers";

export function Totals({ report }: { readonly report: Report }) {
  const { totals } = report;
  const { stock, presale } = totals;
  const facts: readonly (readonly [string, string])[] = [
    ["sold", count(stock.sold)],
    ["orders", count(totals.orders)],
    ["cancelled", count(stock.cancelled)],
    ["shipped", count(stock.shipped)],
    ["unshipped", count(stock.unshipped)],
    ["neither", count(stock.held + stock.payment_pending + stock.paid_no_stock)],
    ["through", shareOr(totals.sell_through)],
    ["skus", t("after.sums.of", { done: count(totals.skus_sold), of: count(totals.skus) })],
    ["sold_out", count(totals.sold_out)],
    ["expected", unitsOr(totals.expected)],
    ["error", signed(totals.forecast_error)],
    ["lost", lostText(totals.lost)],
    ["viewers", count(totals.viewers_most)],
    ["minutes", about(report.live_minutes)],
    ["presale", presale === null ? NONE : count(presale.sold)],
  ];
  return (
    <>
      <dl class="after-sums">
        {facts.map(([name, text]) => (
          <div key={name} data-fact={name}>
            <dt>{t(`after.total.${name}`)}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {totals.money.length > 0 && (
        <ul class="after-money" data-fact="money">
          {totals.money.map((each) => (
            <li key={each.currency}>
              {t("after.total.money", {
                net: price(netOf(each), each.currency),
                paid: price(each.paid_minor + each.by_price_minor, each.currency),
                back: price(each.refunded_minor, each.currency),
              })}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
