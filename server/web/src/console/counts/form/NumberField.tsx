/** A number of units, typed or stepped: made for a thumb. */

import { useId } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { unitsOf } from "./units";

interface Props {
  readonly label: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly fault?: string;
  readonly input?: { readonly current: HTMLInputElement | null };
  /** Told of Enter before the form is; true where it was something else, such as a scan. */
  readonly onEnter?: (event: KeyboardEvent) => boolean;
}

export function NumberField({ label, text, onText, fault = "", input, onEnter }: Props) {
  const id = useId();
  const units = unitsOf(text);
  const step = (by: number) => onText(String(Math.max(0, (units ?? 0) + by)));
  return (
    <div class="field number-field" data-fault={fault !== ""}>
      <label for={id}>{label}</label>
      <div class="stepper">
        <button type="button" aria-label={t("counts.fewer", { label })} onClick={() => step(-1)}>
          −
        </button>
        <input
          ref={input}
          id={id}
          inputMode="numeric"
          enterkeyhint="done"
          autocomplete="off"
          aria-invalid={fault !== ""}
          aria-describedby={fault === "" ? undefined : `${id}-fault`}
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.isComposing && onEnter?.(event)) event.preventDefault();
          }}
        />
        <button type="button" aria-label={t("counts.more", { label })} onClick={() => step(1)}>
          +
        </button>
      </div>
      {fault !== "" && (
        <p class="fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}
