/** A new receipt: who sends goods, under what number, and what was announced. */

import { useId, useMemo, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import { problemText } from "../../operations/problem";
import { useDesk } from "../desk";
import { TextField } from "../form/Fields";
import { goTo, linkTo } from "../parts";
import { announcedOf } from "./announced";

const REFERENCE_MAX = 128;
const NOTE_MAX = 200;
const TEXT_MAX = 20_000;

export function NewReceipt() {
  const desk = useDesk();
  const known = desk.console?.kept.skus.want().value ?? null;
  const [supplier, setSupplier] = useState("");
  const [reference, setReference] = useState("");
  const [note, setNote] = useState("");
  const [text, setText] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const key = useMemo(newKey, []);
  const id = useId();
  const make = async () => {
    const announced = announcedOf(text, known ?? []);
    setFault(announced.fault);
    if (announced.fault !== "" || busy) return;
    setBusy(true);
    const params = { path: { pool: desk.pool }, header: { "Idempotency-Key": key } };
    const body = {
      supplier: supplier.trim(),
      reference: reference.trim(),
      note: note.trim(),
      expected: [...announced.lines],
    };
    const answer = await answerOfWrite(() => desk.api.POST("/v1/pools/{pool}/receipts", { params, body }));
    setBusy(false);
    if (!answer.ok) {
      setFault(problemText(answer.problem, answer.status));
      return;
    }
    desk.changed();
    goTo({ kind: "receipt", id: answer.value.receipt });
  };
  return (
    <>
      <p class="back">
        <a href={linkTo({ kind: "receipts" })}>{t("counts.receipt.back")}</a>
      </p>
      <form
        class="card make"
        aria-labelledby="receipt-new"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <h2 id="receipt-new">{t("counts.receipt.new")}</h2>
        <div class="two">
          <TextField
            label={t("counts.receipt.supplier")}
            value={supplier}
            onValue={setSupplier}
            maxLength={REFERENCE_MAX}
          />
          <TextField
            label={t("counts.receipt.reference")}
            value={reference}
            onValue={setReference}
            maxLength={REFERENCE_MAX}
          />
        </div>
        {known !== null && (
          <div class="field">
            <label for={id}>{t("counts.receipt.expected")}</label>
            <textarea
              id={id}
              rows={4}
              maxLength={TEXT_MAX}
              spellcheck={false}
              aria-describedby={`${id}-hint`}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
            <p class="quiet" id={`${id}-hint`}>
              {t("counts.receipt.expected.hint")}
            </p>
          </div>
        )}
        <TextField label={t("counts.note")} value={note} onValue={setNote} maxLength={NOTE_MAX} />
        {fault !== "" && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <div class="buttons">
          <button type="submit" class="main" aria-disabled={busy}>
            {t("counts.receipt.make")}
          </button>
        </div>
      </form>
    </>
  );
}
