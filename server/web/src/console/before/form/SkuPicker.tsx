/** Choosing a SKU by what it is called: its number in the room, its name or its title. */

import { useId } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { useConsole } from "../../console";

/** So many are offered at once; more typing finds the others. */
const OFFERED_MAX = 50;

export interface Known {
  readonly sku: string;
  readonly title: string;
}

interface Props {
  readonly label: string;
  /** What is typed. */
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly fault?: string;
}

/** The SKU that is meant: by its name, or by a title that only one has. */
export function skuOf(text: string, known: readonly Known[]): Known | null {
  const typed = text.trim();
  if (typed === "") return null;
  const named = known.find((each) => each.sku === typed);
  if (named !== undefined) return named;
  const titled = known.filter((each) => each.title === typed);
  return titled.length === 1 ? (titled[0] ?? null) : null;
}

/** Those whose name or title has what is typed in it. */
export function found<T extends Known>(text: string, known: readonly T[]): readonly T[] {
  const typed = text.trim().toLowerCase();
  if (typed === "") return known;
  return known.filter((each) => each.sku.toLowerCase().includes(typed) || each.title.toLowerCase().includes(typed));
}

export function SkuPicker({ label, text, onText, fault = "" }: Props) {
  const { kept } = useConsole();
  const id = useId();
  const known = kept.skus.want().value ?? [];
  const meant = skuOf(text, known);
  return (
    <div class="field" data-kind="text" data-fault={fault !== ""}>
      <label for={id}>{label}</label>
      <input
        id={id}
        list={`${id}-skus`}
        autocomplete="off"
        aria-invalid={fault !== ""}
        aria-describedby={`${id}-says`}
        value={text}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      <datalist id={`${id}-skus`}>
        {found(text, known)
          .slice(0, OFFERED_MAX)
          .map((each) => (
            <option key={each.sku} value={each.sku}>
              {each.title}
            </option>
          ))}
      </datalist>
      <p id={`${id}-says`} class={fault === "" ? "field-hint" : "field-fault"}>
        {fault || (meant !== null && meant.title !== text ? meant.title : t("before.sku.hint"))}
      </p>
    </div>
  );
}
