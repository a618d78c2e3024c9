/**
 * The viewer's own reservations: beside the shelf on a desk, docked to the lower edge of a phone, where they cover
 * nothing that space is not kept for.
 */

import { useSignal } from "@preact/signals";
import type { Holding } from "@shelfcast/client";
import { useRef } from "preact/hooks";
import { count } from "../shared/format";
import { language, localeOf, t } from "../shared/i18n";
import { Tile } from "../shared/Tile";
import { HoldActions, HoldTime, HoldVoice } from "./Hold";
import { useKeptFocus } from "./model/focus";
import type { Receipt, Wish } from "./model/receipts";
import { offAir } from "./model/sale";
import { useViewer } from "./model/viewer";
import "./yours.css";

export function Yours() {
  const { live, purchases } = useViewer();
  const section = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const open = useSignal(false);
  const holds = [...live.reservations.value].sort((one, other) => one.expires_at_ms - other.expires_at_ms);
  const pending = purchases.asking.value;
  const receipts = purchases.receipts.value;
  const nothing = holds.length + pending.length + receipts.length === 0;
  useKeptFocus(section, () => heading.current);
  return (
    <section
      class="yours"
      id="yours"
      tabIndex={-1}
      aria-labelledby="yours-heading"
      data-open={open.value ? "" : undefined}
      data-nothing={nothing ? "" : undefined}
      ref={section}
    >
      <div class="yours-head">
        <h2 class="section-heading" id="yours-heading" tabIndex={-1} ref={heading}>
          {t("yours.heading")}
        </h2>
        <Summary holds={holds} asking={pending.length} latest={receipts[0]} />
        <button
          type="button"
          class="yours-toggle"
          aria-expanded={open.value}
          aria-controls="yours-body"
          onClick={() => {
            open.value = !open.value;
          }}
        >
          <span class="visually-hidden">{t(open.value ? "yours.collapse" : "yours.expand")}</span>
          <span class="chevron" aria-hidden="true" />
        </button>
      </div>
      <div class="yours-body" id="yours-body">
        {nothing && (
          <p class="empty">{t(offAir(live.status.value) === "ended" ? "yours.empty_over" : "yours.empty")}</p>
        )}
        <ul class="yours-list">
          {holds.map((hold) => (
            <HoldLine key={hold.id} hold={hold} />
          ))}
          {pending.map((wish) => (
            <li class="wish" key={wish.id} data-sku={wish.sku}>
              <Units wish={wish} />
              <p class="wish-state">{t(live.connection.value.current ? "yours.asking" : "yours.asking_later")}</p>
            </li>
          ))}
        </ul>
        {receipts.length > 0 && (
          <>
            <h3 class="earlier">{t("yours.earlier")}</h3>
            <ul class="receipts">
              {receipts.map((receipt) => (
                <ReceiptLine key={receipt.id} receipt={receipt} />
              ))}
            </ul>
          </>
        )}
      </div>
    </section>
  );
}

/** The dock's one line on a phone: what is most urgent. */
function Summary({
  holds,
  asking,
  latest,
}: {
  holds: readonly Holding[];
  asking: number;
  latest: Receipt | undefined;
}) {
  const viewer = useViewer();
  const next = holds[0];
  let line = null;
  if (next !== undefined) {
    line = (
      <>
        <HoldTime key={next.id + next.expires_at_ms} hold={next} />
        {" · "}
        {t("yours.held", { count: holds.length, shown: count(holds.length) })}
      </>
    );
  } else if (asking > 0) line = t("yours.asking_for", { count: asking, shown: count(asking) });
  else if (latest !== undefined) line = `${t(`fate.${latest.fate}`)}: ${viewer.titleOf(latest)}`;
  return <p class="yours-summary">{line}</p>;
}

function HoldLine({ hold }: { hold: Holding }) {
  return (
    <li class="hold" data-sku={hold.sku} data-reservation={hold.id}>
      <Units wish={hold} />
      <p class="hold-left">
        <HoldTime key={hold.expires_at_ms} hold={hold} />
      </p>
      <div class="hold-actions">
        <HoldActions hold={hold} />
      </div>
      <HoldVoice hold={hold} />
    </li>
  );
}

function ReceiptLine({ receipt }: { receipt: Receipt }) {
  const at = new Intl.DateTimeFormat(localeOf(language.value), { timeStyle: "short" }).format(receipt.atMs);
  return (
    <li class="receipt" data-fate={receipt.fate} data-sku={receipt.sku} data-reservation={receipt.id}>
      <span class="receipt-fate">{t(`fate.${receipt.fate}`)}</span>
      <Units wish={receipt} bare />
      <time class="receipt-time">{at}</time>
    </li>
  );
}

function Units({ wish, bare = false }: { wish: Wish; bare?: boolean }) {
  const { sku, qty } = wish;
  const viewer = useViewer();
  const title = viewer.titleOf(wish);
  const image = viewer.terms(sku).value?.image_url ?? null;
  return (
    <p class="units">
      {!bare && <Tile sku={sku} title={title} image={image} />}
      <span class="units-qty">{t("yours.units", { count: qty, shown: count(qty) })}</span>{" "}
      <span class="units-title">{title}</span>
    </p>
  );
}
