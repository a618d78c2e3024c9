/** Refunds that were asked for and that nobody has decided, the oldest first, and what becomes of each. */

import { useState } from "preact/hooks";
import { minorOf } from "../../../shared/amount";
import { age, count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { AskedRefund, Reconciliation } from "../../api/schema";
import type { Console } from "../../console";
import { ChoiceField, TextField } from "../../counts/form/Fields";
import type { Operation } from "../../operations/operation";
import { Perform } from "../../operations/Perform";
import { declineRefund, refundWithoutGoods, takeBackPaid, takeBackParcel, unitsLeft } from "./operations";

const NOTE_MAX = 200;
const AMOUNT_MAX = 15;
const WAYS = ["unsent", "returned", "without", "decline"] as const;
type Way = (typeof WAYS)[number];

interface Props {
  readonly it: Console;
  readonly found: Reconciliation;
  readonly onDone: () => void;
}

export function Refunds({ it, found, onDone }: Props) {
  const [open, setOpen] = useState("");
  const title = t("after.refunds");
  const { refund_requests: requests } = found;
  return (
    <section class="card" aria-label={title}>
      <h3>{title}</h3>
      <p class="quiet">{t(requests.length === 0 ? "after.refunds.none" : "after.refunds.hint")}</p>
      <ul class="list">
        {requests.map((request) => (
          <li key={request.reservation} class="after-refund">
            <p>
              <strong>{t("after.refunds.age", { age: age(request.age_ms) })}</strong> {askedText(request)}
            </p>
            <p class="quiet">
              {t("after.refunds.order", { order: request.reservation, user: request.user, who: request.asked_by })}
            </p>
            <button
              type="button"
              aria-expanded={open === request.reservation}
              aria-label={t("after.decide.of", { order: request.reservation })}
              onClick={() => setOpen(open === request.reservation ? "" : request.reservation)}
            >
              {t("after.decide")}
            </button>
            {open === request.reservation && <Decide it={it} request={request} found={found} onDone={onDone} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function askedText(request: AskedRefund): string {
  const left = unitsLeft(request);
  const { title, sku, done_units, reason } = request;
  const said = t("after.refunds.asked", { count: left, units: count(left), title: title || sku, reason });
  return done_units > 0 ? t("after.refunds.partly", { said, done: count(done_units) }) : said;
}

interface DecideProps extends Props {
  readonly request: AskedRefund;
}

function Decide({ it, request, found, onDone }: DecideProps) {
  const [way, setWay] = useState<Way>("unsent");
  const [note, setNote] = useState("");
  const [amount, setAmount] = useState("");
  const currency = found.totals.money[0]?.currency ?? "";
  const minor = amount.trim() === "" ? null : minorOf(amount.trim(), currency);
  const fault = minor === undefined ? t("after.without.amount_fault") : "";
  return (
    <div class="after-decide">
      <ChoiceField
        label={t("after.decide.way")}
        value={way}
        choices={WAYS.map((each) => [each, t(`after.way.${each}`)] as const)}
        onValue={(value) => setWay(WAYS.find((each) => each === value) ?? "unsent")}
      />
      {(way === "without" || way === "decline") && (
        <TextField label={t("after.decide.note")} value={note} maxLength={NOTE_MAX} onValue={setNote} />
      )}
      {way === "without" && currency !== "" && (
        <TextField
          label={t("after.without.amount", { currency })}
          hint={t("after.without.amount_hint")}
          fault={fault}
          value={amount}
          maxLength={AMOUNT_MAX}
          isNumber
          onValue={setAmount}
        />
      )}
      {fault === "" && (
        <Perform operation={operationOf(way, { it, request, note, minor: minor ?? null, currency })} onDone={onDone} />
      )}
    </div>
  );
}

interface Chosen {
  readonly it: Console;
  readonly request: AskedRefund;
  readonly note: string;
  readonly minor: number | null;
  readonly currency: string;
}

function operationOf(way: Way, { it, request, note, minor, currency }: Chosen): Operation {
  switch (way) {
    case "unsent":
      return takeBackPaid(it, request);
    case "returned":
      return takeBackParcel(it, request);
    case "without":
      return refundWithoutGoods(it, request, note, { minor, currency });
    case "decline":
      return declineRefund(it, request, note);
  }
}
