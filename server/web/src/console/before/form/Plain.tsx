/** Fields of a form for something new: nobody else can have changed it. */

import { useId } from "preact/hooks";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly hint?: string;
}

/** Enough for a title or a reason. */
const LENGTH_MAX = 200;

export function TextField({ label, value, onValue, hint = "" }: Props) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        maxLength={LENGTH_MAX}
        autocomplete="off"
        aria-describedby={hint === "" ? undefined : `${id}-hint`}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      <Hint id={id} hint={hint} />
    </div>
  );
}

/** A day and a time, as the browser writes it. */
export function MomentField({ label, value, onValue, hint = "" }: Props) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        aria-describedby={hint === "" ? undefined : `${id}-hint`}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      <Hint id={id} hint={hint} />
    </div>
  );
}

interface ChoiceProps extends Props {
  /** Value and what it is called. */
  readonly choices: readonly (readonly [string, string])[];
}

export function ChoiceField({ label, value, onValue, hint = "", choices }: ChoiceProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        aria-describedby={hint === "" ? undefined : `${id}-hint`}
        value={value}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        {choices.map(([choice, name]) => (
          <option key={choice} value={choice}>
            {name}
          </option>
        ))}
      </select>
      <Hint id={id} hint={hint} />
    </div>
  );
}

function Hint({ id, hint }: { readonly id: string; readonly hint: string }) {
  if (hint === "") return null;
  return (
    <p class="field-hint" id={`${id}-hint`}>
      {hint}
    </p>
  );
}
