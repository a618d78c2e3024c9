/** The spotlit product: how many are left, how fast they go, how long they last. */

import type { SkuView } from "@shelfcast/client";
import type { MetricRow } from "@shelfcast/client/backstage";
import type { ComponentChildren } from "preact";
import { asked } from "../shared/asked";
import type { LiveBackstage } from "../shared/backstage";
import { useSecond } from "../shared/clock";
import { columns } from "../shared/columns";
import { COUNTED_DOWN_MS, clockTime, count, dateAndTime, percent } from "../shared/format";
import { t } from "../shared/i18n";
import { Link } from "../shared/Link";
import { nextBatchText } from "../shared/nextBatch";
import { Tile } from "../shared/Tile";
import { waitingText } from "../shared/waiting";
import { type Lasting, lasting, paceDigits } from "../staff/lasting";
import { lastingRangeText } from "../staff/lastingRange";
import { levelText } from "../staff/level";
import { TrendChart } from "./TrendChart";
import type { Trends } from "./trend";

/** A title of more columns is set smaller. */
const LONG_COLUMNS = 50;
/** A count from here on is set smaller. */
const WIDE_COUNT = 1_000;
/** And from here on smaller still. */
const VERY_WIDE_COUNT = 100_000;
/** Where there is no number. */
const NONE = "—";
/** From here on a pace does not tell minutes. */
const ROUND_HOURS = 10;

interface Props {
  readonly live: LiveBackstage;
  readonly trends: Trends;
}

export function Current({ live, trends }: Props) {
  const sku = live.spotlight.value;
  const product = sku === null ? undefined : live.sku(sku).value;
  const old = !live.connection.value.current;
  return (
    <section class="current" aria-labelledby="current-title" data-level={product?.level} data-old={old}>
      {product === undefined ? (
        <div class="nothing">
          <h2 id="current-title">{t("current.none")}</h2>
          <p class="quiet">{t("current.none.how")}</p>
        </div>
      ) : (
        <>
          <div class="headline">
            <Tile sku={product.sku} title={product.title} image={product.image_url} />
            <div>
              <p class="over">
                {t("current.now")} <Link link={product.link} />
              </p>
              <h2 id="current-title" data-long={columns(product.title) > LONG_COLUMNS}>
                {product.title}
              </h2>
            </div>
          </div>
          <Facts product={product} row={live.metric(product.sku).value} soon={isSoon(live, product.sku)} />
          <TrendChart key={product.sku} live={live} trends={trends} sku={product.sku} />
        </>
      )}
    </section>
  );
}

/** Whether the server has rung for it: an hour is not the same in every room. */
function isSoon(live: LiveBackstage, sku: string): boolean {
  return live.alerts.value.some((alert) => alert.rule === "sold_out_eta" && alert.sku === sku);
}

interface FactsProps {
  readonly product: SkuView;
  readonly row: MetricRow | undefined;
  readonly soon: boolean;
}

function Facts({ product, row, soon }: FactsProps) {
  const lasts = lasting(row && { ...row, remaining: product.available + product.held });
  const price = asked(product);
  // Of what cannot be had the word says enough.
  const share = product.available > 0 && product.level !== "frozen" ? (row?.share_left ?? null) : null;
  return (
    <>
      <p class="terms">
        {price !== "" && <span class="price">{price}</span>}
        <span class="sku">{product.sku}</span>
        {product.limit_per_user !== null && <span>{t("current.limit", { limit: count(product.limit_per_user) })}</span>}
        <Window product={product} />
        {product.next_batch_at_ms !== null && <strong>{nextBatchText(product.next_batch_at_ms)}</strong>}
        {row !== undefined && row.waiting > 0 && <strong class="wait">{waitingText(row.waiting)}</strong>}
      </p>
      <dl class="figures">
        <Figure name="left" label={t("figure.left")} wide={widthOf(product.available)}>
          {count(product.available)}
          <span class="level">
            {share !== null && <Unit>{percent(share)}</Unit>} {levelText(product.level)}
          </span>
        </Figure>
        <Figure name="pace" label={t("figure.pace")}>
          {row?.units_a_minute == null ? NONE : count(paceDigits(row.units_a_minute))}
        </Figure>
        <Figure
          name={soon ? "lasting soon" : "lasting"}
          label={t("figure.lasting")}
          beside={lastingRangeText(row)}
          wide={lasts.kind === "hours"}
        >
          <LastingText of={lasts} />
        </Figure>
        <Figure name="held" label={t("figure.held")}>
          {count(product.held)}
        </Figure>
        <Figure name="sold" label={t("figure.sold")}>
          {row === undefined ? NONE : count(row.sold)}
          {row !== undefined && <Unit>{percent(row.sell_through)}</Unit>}
        </Figure>
      </dl>
    </>
  );
}

interface FigureProps {
  readonly name: string;
  readonly label: string;
  /** Small, behind the label. */
  readonly beside?: string;
  readonly wide?: boolean | "very";
  readonly children: ComponentChildren;
}

function Figure({ name, label, beside = "", wide = false, children }: FigureProps) {
  return (
    <div class={`figure ${name}`}>
      <dt>
        {label}
        {beside !== "" && <span class="beside"> {beside}</span>}
      </dt>
      <dd data-wide={wide}>{children}</dd>
    </div>
  );
}

/** Set off by a space and not by a margin: a screen reader would read both as one word. */
function Unit({ children }: { children: string }) {
  return <span class="unit"> {children}</span>;
}

function LastingText({ of }: { of: Lasting }) {
  switch (of.kind) {
    case "minutes":
      return (
        <>
          {count(of.minutes)}
          <Unit>{t("lasting.minutes")}</Unit>
        </>
      );
    case "hours":
      return (
        <>
          {count(of.hours)}
          <Unit>{t("lasting.hours")}</Unit>
          {of.hours < ROUND_HOURS && (
            <>
              {" "}
              {count(of.minutes)}
              <Unit>{t("lasting.minutes")}</Unit>
            </>
          )}
        </>
      );
    case "under_a_minute":
      return (
        <>
          {t("lasting.under_a_minute")}
          <Unit>{t("lasting.minutes")}</Unit>
        </>
      );
    case "unknown":
      return <>{NONE}</>;
    default:
      return <span class="words">{t(`lasting.${of.kind}`)}</span>;
  }
}

/** When the sale opens or closes, where it does. */
function Window({ product }: { product: SkuView }) {
  const now = useSecond().value;
  const { opens_at_ms: opens, closes_at_ms: closes } = product;
  if (opens !== null && opens > now) return <strong>{turnText("opens", opens, now)}</strong>;
  if (closes === null) return null;
  const text = closes > now ? turnText("closes", closes, now) : t("current.closed");
  return text === "" ? null : <strong>{text}</strong>;
}

function widthOf(units: number): boolean | "very" {
  return units >= VERY_WIDE_COUNT ? "very" : units >= WIDE_COUNT;
}

/** Nothing for a sale that closes beyond all dates. */
function turnText(turn: "opens" | "closes", atMs: number, nowMs: number): string {
  const waitMs = atMs - nowMs;
  if (waitMs > COUNTED_DOWN_MS) {
    const at = dateAndTime(atMs);
    if (at !== "") return t(`current.${turn}_at`, { at });
    return turn === "opens" ? t("current.opens_later") : "";
  }
  return t(`current.${turn}`, { wait: clockTime(waitMs) });
}
