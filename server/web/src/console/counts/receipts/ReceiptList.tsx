/** The receipts of the pool: what arrives and is being entered, and what has come. */

import { count, timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { go } from "../../address";
import type { ReceiptItem } from "../../api/schema";
import { goToStep } from "../../before/steps";
import { useDesk } from "../desk";
import { useShown } from "../over";
import { goTo, linkTo } from "../parts";
import { Unread } from "../Unread";

/** What it is called: its number or who sends it, else the day it was made. */
export function receiptTitle({ supplier, reference, made_at_ms }: ReceiptItem): string {
  return [supplier, reference].filter(Boolean).join(" ") || t("counts.receipt.of", { at: timeOrDate(made_at_ms) });
}

export function isOver({ state }: ReceiptItem): boolean {
  return state === "received" || state === "cancelled";
}

export function ReceiptList() {
  const { receipts, leads } = useDesk();
  const all = receipts.want().value;
  const { shown, tick } = useShown(all, isOver);
  return (
    <>
      <div class="buttons">
        <button type="button" class="main" onClick={() => goTo({ kind: "new_receipt" })}>
          {t("counts.receipt.new")}
        </button>
        {tick}
      </div>
      <Unread kept={receipts} />
      {all !== null && shown.length === 0 && <p class="empty">{t("counts.receipt.none")}</p>}
      <ul class="list">
        {shown.map((each) => (
          <Card key={each.receipt} item={each} />
        ))}
      </ul>
      {leads && (
        <p class="quiet">
          {t("counts.receipt.lots")}{" "}
          <button
            type="button"
            onClick={() => {
              goToStep("checklist");
              go({ view: "before" });
            }}
          >
            {t("counts.receipt.lots.open")}
          </button>
        </p>
      )}
    </>
  );
}

function Card({ item }: { readonly item: ReceiptItem }) {
  const { user } = useDesk();
  return (
    <li class="card count-card">
      <div class="card-head">
        <h3>
          <a href={linkTo({ kind: "receipt", id: item.receipt })}>{receiptTitle(item)}</a>
        </h3>
        <span class="badge" data-state={item.state}>
          {t(`counts.receipt.state.${item.state}`)}
        </span>
        {item.by_two && <span class="badge">{t("counts.receipt.by_two")}</span>}
      </div>
      {item.note !== "" && <p class="note">{item.note}</p>}
      <p class="quiet">{standText(item, user)}</p>
      <p class="quiet">{t("counts.made", { who: item.made_by, at: timeOrDate(item.made_at_ms) })}</p>
    </li>
  );
}

/** How far it is, and whose turn it is. */
export function standText(item: ReceiptItem, user: string): string {
  if (item.state === "received") {
    const at = item.received_at_ms === null ? "" : timeOrDate(item.received_at_ms);
    return t("counts.receipt.came", { units: count(item.units), bad: count(item.bad), at });
  }
  if (item.state === "cancelled") return t("counts.receipt.state.cancelled");
  if (item.state === "differs") return t("counts.receipt.differs", { count: item.differing.length });
  const own = item.entries.find(({ by }) => by === user);
  const others = item.entries.filter(({ by }) => by !== user);
  const parts = [
    own === undefined
      ? t(item.by_two && others.length >= 2 ? "counts.receipt.not_you" : "counts.receipt.yours_not")
      : t(own.done ? "counts.receipt.yours_done" : "counts.receipt.yours"),
    ...others.map(({ by, done }) => t(done ? "counts.receipt.others_done" : "counts.receipt.others", { who: by })),
  ];
  if (item.by_two && own?.done && others.length === 0) parts.push(t("counts.receipt.second"));
  return parts.join(" · ");
}
