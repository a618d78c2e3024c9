/** An operation with its sentence and the button that carries it out; one that nothing takes back asks once more. */

import { useId, useState } from "preact/hooks";
import { t } from "../../shared/i18n";
import { useConsole } from "../console";
import type { Operation } from "./operation";
import "./perform.css";

interface Props {
  readonly operation: Operation;
  /** Called when it was carried out. */
  readonly onDone?: () => void;
  readonly onCancel?: () => void;
}

export function Perform({ operation, onDone, onCancel }: Props) {
  const { doing } = useConsole();
  const [asked, setAsked] = useState(false);
  const says = useId();
  const hindered = operation.hindered();
  const busy = doing.busy.value.has(operation);
  const press = async () => {
    if (operation.final && !asked) {
      setAsked(true);
      return;
    }
    setAsked(false);
    const answer = await doing.perform(operation);
    if (answer?.ok) onDone?.();
  };
  return (
    <div class="perform">
      <p id={says} class="perform-says" data-hindered={hindered !== ""}>
        {hindered || operation.says()}
        {asked && <strong> {operation.sure ?? t("do.final")}</strong>}
      </p>
      <div class="perform-buttons">
        <button type="button" class="main" aria-describedby={says} disabled={hindered !== "" || busy} onClick={press}>
          {asked ? t("do.really", { label: operation.label }) : operation.label}
        </button>
        {(onCancel || asked) && (
          <button type="button" onClick={() => (asked ? setAsked(false) : onCancel?.())}>
            {t("do.cancel")}
          </button>
        )}
      </div>
    </div>
  );
}
