/** Fields of the forms of counts: text, a choice, a day, a tick. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** Of all lines that are pasted at a time. */
const LINES_CHARACTERS_MAX = 20_000;

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly hint?: string;
  readonly fault?: string;
}

interface TextProps extends Props {
  readonly maxLength: number;
  readonly type?: "text" | "date";
  /** What is offered while one types. */
  readonly offered?: readonly string[];
  readonly isNumber?: boolean;
}

export function TextField({ offered, type = "text", maxLength, isNumber = false, ...props }: TextProps) {
  const list = useId();
  return (
    <Labelled {...props}>
      {(id, described) => (
        <>
          <input
            id={id}
            type={type}
            maxLength={maxLength}
            inputMode={isNumber ? "numeric" : undefined}
            autocomplete="off"
            list={offered === undefined ? undefined : list}
            aria-describedby={described}
            aria-invalid={(props.fault ?? "") !== ""}
            value={props.value}
            onInput={(event) => props.onValue(event.currentTarget.value)}
          />
          {offered !== undefined && (
            <datalist id={list}>
              {offered.map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Labelled>
  );
}

interface ChoiceProps extends Props {
  /** Value and what it is called. */
  readonly choices: readonly (readonly [string, string])[];
}

export function ChoiceField({ choices, ...props }: ChoiceProps) {
  return (
    <Labelled {...props}>
      {(id, described) => (
        <select
          id={id}
          aria-describedby={described}
          value={props.value}
          onChange={(event) => props.onValue(event.currentTarget.value)}
        >
          {choices.map(([choice, name]) => (
            <option key={choice} value={choice}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

interface TickProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChecked: (checked: boolean) => void;
  readonly hint?: string;
}

export function Tick({ label, checked, onChecked, hint = "" }: TickProps) {
  const id = useId();
  return (
    <div class="field">
      <label class="tick">
        <input
          type="checkbox"
          aria-describedby={hint === "" ? undefined : `${id}-hint`}
          checked={checked}
          onChange={(event) => onChecked(event.currentTarget.checked)}
        />
        {label}
      </label>
      {hint !== "" && (
        <p class="quiet" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface LabelledProps extends Props {
  readonly children: (id: string, described: string | undefined) => ComponentChildren;
}

function Labelled({ label, hint = "", fault = "", children }: LabelledProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ") || undefined;
  return (
    <div class="field" data-fault={fault !== ""}>
      <label for={id}>{label}</label>
      {children(id, described)}
      {hint !== "" && (
        <p class="quiet" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {fault !== "" && (
        <p class="fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}

/** Several lines, such as SKUs that are pasted. */
export function LinesField(props: Props) {
  return (
    <Labelled {...props}>
      {(id, described) => (
        <textarea
          id={id}
          rows={4}
          maxLength={LINES_CHARACTERS_MAX}
          spellcheck={false}
          aria-describedby={described}
          value={props.value}
          onInput={(event) => props.onValue(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
}
