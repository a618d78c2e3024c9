/**
 * The viewer's own reservations: beside the shelf on a desk, docked to the lower edge of a phone, where they cover
 * nothing that space is not kept for.
 */

import { useSignal } from "@preact/signals";
import type { Holding, Place } from "@shelfcast/client";
import { useRef } from "preact/hooks";
import { count } from "../shared/format";
import { language, localeOf, t } from "../shared/i18n";
import { HoldActions, HoldTime, HoldVoice } from "./Hold";
import { useKeptFocus } from "./model/focus";
import type { Receipt } from "./model/receipts";
import { offAir } from "./model/sale";
import { sooner, useViewer } from "./model/viewer";
import { Leave, Standing } from "./Place";
import { Turns } from "./Turns";
import { Units } from "./Units";
import "./yours.css";

export function Yours() {
  const { live, purchases, waits, turns } = useViewer();
  const section = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const open = useSignal(false);
  const holds = sooner(live.reservations.value);
  const places = live.waiting.value;
  const pending = [...purchases.asking.value, ...waits.asking.value];
  const receipts = purchases.receipts.value;
  const nothing = holds.length + pending.length + receipts.length + places.length + waits.news.value.length === 0;
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
        <Summary holds={holds} asking={pending.length} places={places} latest={receipts[0]} />
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
      <Turns turns={turns.value} news={waits.news.value} />
      <div class="yours-body" id="yours-body">
        {nothing && (
          <p class="empty">{t(offAir(live.status.value) === "ended" ? "yours.empty_over" : "yours.empty")}</p>
        )}
        <ul class="yours-list">
          {holds
            .filter(({ offered }) => !offered)
            .map((hold) => (
              <HoldLine key={hold.id} hold={hold} />
            ))}
          {pending.map((wish) => (
            <li class="wish" key={wish.id} data-sku={wish.sku}>
              <Units wish={wish} />
              <p class="wish-state">{t(live.connection.value.current ? "yours.asking" : "yours.asking_later")}</p>
            </li>
          ))}
          {places.map((place) => (
            <li class="wish place" key={place.id} data-sku={place.sku} data-wait={place.id}>
              <Units wish={place} />
              <Leave place={place} />
              <p class="wish-state">
                <Standing place={place} />
              </p>
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
  places,
  latest,
}: {
  holds: readonly Holding[];
  asking: number;
  places: readonly Place[];
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
        {next.offered ? t("turn.short") : t("yours.held", { count: holds.length, shown: count(holds.length) })}
      </>
    );
  } else if (asking > 0) line = t("yours.asking_for", { count: asking, shown: count(asking) });
  else if (places[0] !== undefined) line = t("wait.summary", { last: count(places[0].last) });
  else if (latest !== undefined) line = `${fateText(latest)}: ${viewer.titleOf(latest)}`;
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

function fateText({ fate, offered }: Receipt): string {
  return t(offered && (fate === "expired" || fate === "cancelled") ? `fate.turn_${fate}` : `fate.${fate}`);
}

function ReceiptLine({ receipt }: { receipt: Receipt }) {
  const at = new Intl.DateTimeFormat(localeOf(language.value), { timeStyle: "short" }).format(receipt.atMs);
  return (
    <li class="receipt" data-fate={receipt.fate} data-sku={receipt.sku} data-reservation={receipt.id}>
      <span class="receipt-fate">{fateText(receipt)}</span>
      <Units wish={receipt} bare />
      <time class="receipt-time">{at}</time>
    </li>
  );
}
