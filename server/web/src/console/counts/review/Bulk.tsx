/** What is done with several SKUs of a count at once: one reason for all, or another round. */

import { useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import type { Answer } from "../../api/client";
import { useConsole } from "../../console";
import { onceEach } from "../../operations/press";
import { ChoiceField, TextField } from "../form/Fields";
import { askRecount, type CountReason, giveReasons, REASONS, refusedOf } from "./operations";
import type { Work } from "./work";

interface Props {
  readonly skus: readonly string[];
  readonly work: Work;
  readonly onDone: () => void;
}

const NOTE_MAX = 200;

export function Bulk({ skus, work, onDone }: Props) {
  const { doing } = useConsole();
  const [reason, setReason] = useState("");
  const [note, setNote] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const act = async (done: string, call: () => Promise<Answer<unknown>>) => {
    if (busy) return;
    setBusy(true);
    const answer = await call();
    setBusy(false);
    setFault(answer.ok ? "" : refusedOf(work)(answer));
    if (!answer.ok) return;
    doing.say(done);
    onDone();
  };
  const give = () => {
    // Only what differs needs a reason, and takes one.
    const rows = work.rows.value.peek();
    const differing = skus.filter((sku) => (rows?.get(sku)?.difference ?? 0) !== 0);
    if (reason === "" || (reason === "other" && note.trim() === "")) {
      setFault(t(reason === "" ? "counts.reason.choose" : "counts.reason.note_needed"));
      return;
    }
    const reasoned = differing.map((sku) => ({ sku, reason: reason as CountReason, note: note.trim() }));
    void act(t("counts.bulk.reasoned", { count: reasoned.length }), () => giveReasons(work, reasoned));
  };
  const again = () => void act(t("counts.bulk.recounted", { count: skus.length }), () => askRecount(work, skus));
  return (
    <section class="bulk card" aria-label={t("counts.bulk", { count: skus.length })}>
      <h4>{t("counts.bulk", { count: skus.length })}</h4>
      <div class="bulk-fields">
        <ChoiceField
          label={t("counts.column.reason")}
          value={reason}
          onValue={setReason}
          choices={[
            ["", t("counts.reason.choose")],
            ...REASONS.map((each) => [each, t(`counts.reason.${each}`)] as const),
          ]}
        />
        <TextField label={t("counts.note")} value={note} onValue={setNote} maxLength={NOTE_MAX} />
      </div>
      {fault !== "" && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <div class="buttons">
        <button type="button" aria-disabled={busy} {...onceEach(give)}>
          {t("counts.bulk.reason")}
        </button>
        <button type="button" aria-disabled={busy} {...onceEach(again)}>
          {t("counts.bulk.recount")}
        </button>
      </div>
    </section>
  );
}
