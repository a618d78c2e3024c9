/** A field of an edit: its label, what is typed, what is wrong with it, and where somebody else was faster. */

import { useId } from "preact/hooks";
import { t } from "../../../shared/i18n";
import type { Edit } from "./edit";
import type { Kind } from "./values";

interface Props<V extends object, K extends keyof V & string> {
  readonly edit: Edit<V>;
  readonly field: K;
  readonly label: string;
  /** A sentence below the label. */
  readonly hint?: string;
  /** What holds while the field is empty. */
  readonly placeholder?: string;
  /** How a choice is called. */
  readonly nameOf?: (choice: string) => string;
  /** In a table, the head of the column is the label to see. */
  readonly bare?: boolean;
  /** Called when the field is left changed, or on Enter. */
  readonly onCommit?: () => void;
}

export function Field<V extends object, K extends keyof V & string>(props: Props<V, K>) {
  const { edit, field, label, hint = "", bare = false } = props;
  const id = useId();
  const kind = edit.kinds[field] as unknown as Kind<unknown>;
  const fault = edit.faults.value[field] ?? "";
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ") || undefined;
  const isTick = kind.input === "tick";
  const typed = <Typed {...props} id={id} described={described} isFault={fault !== ""} />;
  return (
    <div class="field" data-kind={kind.input} data-fault={fault !== ""} data-bare={bare}>
      {isTick && typed}
      <label for={id} class={bare ? "visually-hidden" : undefined}>
        {label}
      </label>
      {!isTick && typed}
      {hint !== "" && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {fault !== "" && (
        <p class="field-fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}

interface TypedProps<V extends object, K extends keyof V & string> extends Props<V, K> {
  readonly id: string;
  readonly described: string | undefined;
  readonly isFault: boolean;
}

function Typed<V extends object, K extends keyof V & string>(props: TypedProps<V, K>) {
  const { edit, field, nameOf, onCommit, id, described, isFault } = props;
  const kind = edit.kinds[field] as unknown as Kind<string>;
  const text = edit.text(field);
  const common = { id, "aria-describedby": described, "aria-invalid": isFault };
  if (kind.input === "choice") {
    return (
      <select
        {...common}
        value={text}
        onChange={(event) => {
          edit.type(field, event.currentTarget.value);
          onCommit?.();
        }}
      >
        {kind.choices?.map((each) => (
          <option key={each} value={kind.toText(each)}>
            {nameOf?.(each) ?? each}
          </option>
        ))}
      </select>
    );
  }
  if (kind.input === "tick") {
    return (
      <input
        {...common}
        type="checkbox"
        checked={text === "yes"}
        onChange={(event) => {
          edit.type(field, event.currentTarget.checked ? "yes" : "");
          onCommit?.();
        }}
      />
    );
  }
  const handlers = {
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => edit.type(field, event.currentTarget.value),
    onBlur: () => {
      if (edit.isTyped) onCommit?.();
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.isComposing || onCommit === undefined) return;
      if (event.key === "Enter") {
        event.preventDefault();
        onCommit();
      }
      if (event.key === "Escape" && edit.isTyped) {
        event.stopPropagation();
        edit.forget();
      }
    },
  };
  if (kind.input === "moment") return <input {...common} {...handlers} type="datetime-local" value={text} />;
  return (
    <input
      {...common}
      {...handlers}
      inputMode={kind.input === "number" ? "numeric" : undefined}
      maxLength={kind.maxLength}
      placeholder={props.placeholder}
      autocomplete="off"
      value={text}
    />
  );
}

interface ClashProps<V extends object> {
  readonly edit: Edit<V>;
  readonly labelOf: (field: keyof V & string) => string;
  readonly nameOf?: (field: keyof V & string, choice: string) => string;
  /** Called when everything is chosen. */
  readonly onChosen: () => void;
}

/** Somebody else has changed the same: both values, and a button for each. */
export function Clash<V extends object>({ edit, labelOf, nameOf, onChosen }: ClashProps<V>) {
  if (edit.conflicts.value.length === 0) return null;
  const shown = (field: keyof V & string, value: unknown) => {
    const kind = edit.kinds[field] as unknown as Kind<unknown>;
    const text = kind.input === "tick" ? t(value ? "before.yes" : "before.no") : kind.toText(value);
    return (kind.input === "choice" && nameOf?.(field, text)) || text || t("before.clash.empty");
  };
  const choose = (field: keyof V, whose: "mine" | "theirs") => {
    edit.choose(field, whose);
    if (edit.conflicts.peek().length === 0) onChosen();
  };
  return (
    <div class="clash" role="alert">
      <p>{t("before.clash")}</p>
      {edit.conflicts.value.map(({ field, mine, theirs }) => {
        const name = field as keyof V & string;
        return (
          <div key={name} class="clash-field" role="group" aria-label={labelOf(name)}>
            <strong>{labelOf(name)}</strong>
            <button type="button" onClick={() => choose(field, "mine")}>
              {t("before.clash.mine", { value: shown(name, mine) })}
            </button>
            <button type="button" onClick={() => choose(field, "theirs")}>
              {t("before.clash.theirs", { value: shown(name, theirs) })}
            </button>
          </div>
        );
      })}
    </div>
  );
}
