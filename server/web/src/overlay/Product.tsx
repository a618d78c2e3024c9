/** The spotlit product: what it is, how many are left, and how much of the whole that is. */

import { useComputed } from "@preact/signals";
import { asked } from "../shared/asked";
import type { LiveBackstage } from "../shared/backstage";
import { useNow, useSecond } from "../shared/clock";
import { columns } from "../shared/columns";
import { clockTime, count, dateAndTime } from "../shared/format";
import { t } from "../shared/i18n";
import { nextBatchText } from "../shared/nextBatch";
import { Tile } from "../shared/Tile";
import { waitingText } from "../shared/waiting";
import { Bar } from "./Bar";
import { useFlash } from "./flash";
import { type Offer, offerOf } from "./offer";
import { shares } from "./share";

/** A title of more columns than these is set smaller, in three lines instead of two, and in four. */
const TWO_LINES_COLUMNS_MAX = 32;
const THREE_LINES_COLUMNS_MAX = 60;

interface Props {
  readonly live: LiveBackstage;
  readonly sku: string;
  /** The connection is lost: what is shown is marked with its age. */
  readonly aged: boolean;
  readonly picture: boolean;
  readonly price: boolean;
  readonly bar: boolean;
  /** How many wait, of what cannot be had. */
  readonly waiting: boolean;
}

export function Product({ live, sku, aged, picture, price, bar, waiting }: Props) {
  const second = useSecond();
  const flash = useFlash(live, sku);
  const view = live.sku(sku);
  const offer = useComputed(() => view.value && offerOf(view.value, live.status.value, second.value)).value;
  const product = view.value;
  if (product === undefined || offer === undefined) return null;
  const full = bar ? shares(product, live.metric(sku).value) : null;
  return (
    <section class="product" data-offer={aged ? "aged" : offer.kind} data-level={product.level}>
      {/* A word of joy has no place beside "Sold out", which may come within its six seconds. */}
      {flash.value !== null && !aged && "left" in offer && (
        <p class="flash" key={flash.value}>
          {t(`flash.${flash.value}`)}
        </p>
      )}
      {picture && <Tile sku={sku} title={product.title} image={product.image_url} />}
      <div class="what">
        <h1 class="title" data-lines={linesOf(product.title)}>
          {product.title}
        </h1>
        {price && <p class="price">{asked(product)}</p>}
      </div>
      {aged ? (
        <Aged live={live} left={product.available} />
      ) : (
        <Said offer={offer} wait={waiting ? waitingText(product.waiting) : ""} />
      )}
      {full !== null && <Bar shares={full} />}
    </section>
  );
}

function linesOf(title: string): 2 | 3 | 4 {
  const wide = columns(title);
  return wide <= TWO_LINES_COLUMNS_MAX ? 2 : wide <= THREE_LINES_COLUMNS_MAX ? 3 : 4;
}

/** `wait` says how many wait for what comes back. */
function Said({ offer, wait }: { offer: Offer; wait: string }) {
  switch (offer.kind) {
    case "left":
    case "last":
    case "in_stock":
      return <Count kind={offer.kind} left={offer.left} />;
    case "opens":
      return (
        <div class="said">
          <span class="label">{t("opens")}</span>
          <Figure signs={clockTime(offer.inMs)} as="countdown" />
        </div>
      );
    case "opens_at":
      return (
        <div class="said words">
          <span class="label">{t("opens_at")}</span>
          <strong class="date">{dateAndTime(offer.atMs) || t("opens_at.later")}</strong>
        </div>
      );
    case "sold_out":
      return (
        <div class="said stamped">
          <strong class="stamp">{t("sold_out")}</strong>
          <Waiting text={wait} />
        </div>
      );
    case "next_batch":
      return (
        <div class="said words">
          <strong>{t("sold_out")}</strong>
          <span class="label">{nextBatchText(offer.atMs)}</span>
          <Waiting text={wait} />
        </div>
      );
    case "all_held":
      return (
        <div class="said words">
          <strong>{t("all_held")}</strong>
          <span class="label">{t("all_held.more")}</span>
          <Waiting text={wait} />
        </div>
      );
    default:
      return (
        <div class="said words">
          <strong>{t(`${offer.kind}`)}</strong>
        </div>
      );
  }
}

function Waiting({ text }: { text: string }) {
  return text === "" ? null : <span class="label waiting">{text}</span>;
}

function Count({ kind, left }: { kind: "left" | "last" | "in_stock"; left: number }) {
  return (
    <div class="said" key={kind}>
      <span class="label">{t(`${kind}.before`)}</span>
      {/* The last ones are announced one by one: a new element each, so that each of them pops. */}
      <Figure signs={count(left)} key={kind === "last" ? left : "count"} />
      <span class="label">{t(`${kind}.after`)}</span>
    </div>
  );
}

/** A count that was true a moment ago. */
function Aged({ live, left }: { live: LiveBackstage; left: number }) {
  const now = useNow();
  const oldMs = now.value - (live.connection.value.oldSinceMs ?? now.value);
  return (
    <div class="said">
      <Figure signs={count(left)} />
      <span class="label age">{t("ago", { seconds: count(Math.max(0, Math.floor(oldMs / 1000))) })}</span>
    </div>
  );
}

/** A number as large as its signs fit the place beside the title. */
function Figure({ signs, as = "" }: { signs: string; as?: string }) {
  return (
    <span class={`number ${as}`.trim()} style={{ "--signs": signs.length }} translate={false}>
      {signs}
    </span>
  );
}
