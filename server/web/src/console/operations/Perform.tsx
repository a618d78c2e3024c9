/** An operation with its sentence and the button that carries it out; one that nothing takes back asks once more. */

import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../../shared/i18n";
import { useConsole } from "../console";
import type { Operation } from "./operation";
import { onceEach } from "./press";
import "./perform.css";

interface Props {
  readonly operation: Operation;
  /** Called when it was carried out. */
  readonly onDone?: () => void;
  readonly onCancel?: () => void;
}

export function Perform({ operation, onDone, onCancel }: Props) {
  const { doing } = useConsole();
  const [askedFor, setAskedFor] = useState("");
  const says = useId();
  const place = useRef<HTMLDivElement>(null);
  const main = useRef<HTMLButtonElement>(null);
  // What opened it has the focus again where it had it last.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    return () => {
      if (opener instanceof HTMLElement && place.current?.contains(document.activeElement)) opener.focus();
    };
  }, []);
  const asked = askedFor !== "" && askedFor === operation.label;
  const hindered = operation.hindered();
  const busy = doing.isBusy(operation);
  const press = async () => {
    if (operation.final && !asked) {
      setAskedFor(operation.label);
      return;
    }
    setAskedFor("");
    const answer = await doing.perform(operation);
    if (answer?.ok) onDone?.();
  };
  const keep = () => {
    setAskedFor("");
    main.current?.focus();
  };
  return (
    <div class="perform" ref={place}>
      <p id={says} class="perform-says" data-hindered={hindered !== ""}>
        {hindered || operation.says()}
        {asked && <strong> {operation.sure ?? t("do.final")}</strong>}
      </p>
      <div class="perform-buttons">
        <button
          ref={main}
          type="button"
          class="main"
          aria-describedby={says}
          disabled={hindered !== ""}
          // One that is disabled while it is on its way would lose the focus.
          aria-disabled={busy}
          {...onceEach(press)}
        >
          {asked ? t("do.really", { label: operation.label }) : operation.label}
        </button>
        {(onCancel || asked) && (
          <button type="button" onClick={() => (asked ? keep() : onCancel?.())}>
            {t("do.cancel")}
          </button>
        )}
      </div>
    </div>
  );
}
