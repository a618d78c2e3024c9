/** A new receipt: who sends goods, under what number, and what was announced. */

import { useMemo, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import { problemText } from "../../operations/problem";
import { useDesk } from "../desk";
import { LinesField, TextField } from "../form/Fields";
import { MakeForm } from "../form/MakeForm";
import { goTo } from "../parts";
import { announcedOf } from "./announced";

const REFERENCE_MAX = 128;
const NOTE_MAX = 200;

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
    <MakeForm
      id="receipt-new"
      title={t("counts.receipt.new")}
      list={{ kind: "receipts" }}
      back={t("counts.receipt.back")}
      does={t("counts.receipt.make")}
      fault={fault}
      busy={busy}
      onMake={() => void make()}
    >
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
        <LinesField
          label={t("counts.receipt.expected")}
          hint={t("counts.receipt.expected.hint")}
          value={text}
          onValue={setText}
        />
      )}
      <TextField label={t("counts.note")} value={note} onValue={setNote} maxLength={NOTE_MAX} />
    </MakeForm>
  );
}
