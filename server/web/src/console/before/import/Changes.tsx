/** What a file of counts or of orders would do, row by row; of orders first what it does to their channel. */

import type { ComponentChildren } from "preact";
import { count, price } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { CountsPreview, OrdersPreview } from "../../api/schema";
import { Scroll } from "../form/Scroll";
import { DRAWN_MAX, Rest } from "./Findings";

export function CountsChanges({ counts }: { readonly counts: CountsPreview }) {
  const { changes } = counts;
  if (changes.length === 0) return null;
  return (
    <Card
      title={t("before.import.counts.lines")}
      heads={["line", "sku", "zone", "good", "bad", "before"]}
      all={changes.length}
    >
      {changes.slice(0, DRAWN_MAX).map((row) => (
        <tr key={row.line}>
          <td>{row.line}</td>
          <Named title={row.title} sku={row.sku} />
          <td>{[row.zone, row.lot, row.expires_on].filter(Boolean).join(" · ")}</td>
          <td class="number">{count(row.good)}</td>
          <td class="number">{count(row.bad)}</td>
          <td class="number">
            {row.good_before === null ? "" : `${count(row.good_before)} / ${count(row.bad_before ?? 0)}`}
          </td>
        </tr>
      ))}
    </Card>
  );
}

export function OrdersChanges({ orders }: { readonly orders: OrdersPreview }) {
  const { changes, effect } = orders;
  return (
    <>
      {effect.short.length > 0 && (
        <Card title={t("before.import.orders.short")} heads={["sku", "asked", "there"]} all={effect.short_count}>
          {effect.short.slice(0, DRAWN_MAX).map(({ sku, title, asked, there }) => (
            <tr key={sku}>
              <Named title={title} sku={sku} />
              <td class="number">{count(asked)}</td>
              <td class="number">{count(there)}</td>
            </tr>
          ))}
        </Card>
      )}
      {changes.length > 0 && (
        <Card
          title={t("before.import.orders.lines")}
          heads={["line", "order", "sku", "units", "back", "paid"]}
          all={changes.length}
        >
          {changes.slice(0, DRAWN_MAX).map((row) => (
            <tr key={`${row.line} ${row.sku}`}>
              <td>{row.line}</td>
              <td>{row.order}</td>
              <Named title={row.title} sku={row.sku} />
              <td class="number">{count(row.units)}</td>
              <td class="number">{count(row.cancels)}</td>
              <td class="number">{row.paid_minor === null ? "" : price(row.paid_minor, row.currency)}</td>
            </tr>
          ))}
        </Card>
      )}
    </>
  );
}

const HEADS = {
  line: "before.import.line",
  sku: "before.sku",
  zone: "before.import.counts.zone",
  good: "before.import.counts.good",
  bad: "before.import.counts.bad",
  before: "before.import.counts.before",
  order: "before.import.orders.order",
  asked: "before.import.orders.asked",
  there: "before.import.orders.there",
  units: "before.import.orders.units",
  back: "before.import.orders.back",
  paid: "before.import.orders.paid",
} as const;
type Head = keyof typeof HEADS;
const WORDS: ReadonlySet<Head> = new Set(["line", "sku", "zone", "order"]);

interface CardProps {
  readonly title: string;
  readonly heads: readonly Head[];
  /** How many rows there are. */
  readonly all: number;
  readonly children: ComponentChildren;
}

function Card({ title, heads, all, children }: CardProps) {
  return (
    <section class="card" aria-label={title}>
      <h4>{title}</h4>
      <Scroll label={title}>
        <table class="sheet small">
          <thead>
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col" class={WORDS.has(head) ? undefined : "number"}>
                  {t(HEADS[head])}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </Scroll>
      <Rest all={all} />
    </section>
  );
}

function Named({ title, sku }: { readonly title: string; readonly sku: string }) {
  return (
    <th scope="row">
      {title} <span class="sku">{sku}</span>
    </th>
  );
}
