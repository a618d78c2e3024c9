/** A number of units, typed. */

import { useEffect, useId, useState } from "preact/hooks";
import { whole } from "./values";

interface Props {
  readonly label: string;
  readonly value: number | null;
  /** null while nothing is typed that is a number of units. */
  readonly onValue: (value: number | null) => void;
  readonly max: number;
}

export function UnitsField({ label, value, onValue, max }: Props) {
  const id = useId();
  const [text, setText] = useState(value === null ? "" : String(value));
  const read = whole({ min: 1, max }).read(text);
  // Cleared from outside, once what was typed is done.
  useEffect(() => {
    if (value === null && read.ok && read.value !== null) setText("");
  }, [value]);
  return (
    <div class="field" data-kind="number" data-fault={!read.ok}>
      <label for={id}>{label}</label>
      <input
        id={id}
        inputMode="numeric"
        autocomplete="off"
        aria-invalid={!read.ok}
        aria-describedby={read.ok ? undefined : `${id}-fault`}
        value={text}
        onInput={(event) => {
          const typed = event.currentTarget.value;
          setText(typed);
          const now = whole({ min: 1, max }).read(typed);
          onValue(now.ok ? now.value : null);
        }}
      />
      {!read.ok && (
        <p class="field-fault" id={`${id}-fault`}>
          {read.expected}
        </p>
      )}
    </div>
  );
}
