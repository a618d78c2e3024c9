/** Below the fields of an edit: save, take back what was typed, and what stands against it. */

import { useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { useConsole } from "../../console";
import type { Edit } from "./edit";
import { Clash } from "./Field";

interface Props<V extends object> {
  readonly edit: Edit<V>;
  readonly labelOf: (field: keyof V & string) => string;
  readonly nameOf?: (field: keyof V & string, choice: string) => string;
  /** What is said once it is saved. */
  readonly done: string;
  readonly onSaved?: () => void;
}

/** Save an edit and say what came of it. Returns what does so. */
export function useSaving<V extends object>({ edit, done, onSaved }: Pick<Props<V>, "edit" | "done" | "onSaved">) {
  const { doing, kept } = useConsole();
  return async () => {
    const came = await edit.save();
    if (came !== "saved") return;
    doing.say(done, { action: edit.action });
    kept.actions.changed();
    onSaved?.();
  };
}

export function SaveRow<V extends object>({ edit, labelOf, nameOf, done, onSaved }: Props<V>) {
  const saving = useSaving({ edit, done, onSaved });
  const [said, setSaid] = useState("");
  const save = async () => {
    await saving();
    setSaid(edit.isTyped || edit.trouble.peek() !== "" ? "" : t("before.saved"));
  };
  const { isTyped } = edit;
  return (
    <div class="save-row">
      <Clash edit={edit} labelOf={labelOf} nameOf={nameOf} onChosen={() => void save()} />
      {edit.trouble.value !== "" && (
        <p class="field-fault" role="alert">
          {edit.trouble.value}
        </p>
      )}
      <div class="buttons">
        <button type="button" class="main" disabled={!isTyped || edit.busy.value} onClick={() => void save()}>
          {t("before.save")}
        </button>
        {isTyped && (
          <button type="button" onClick={() => edit.forget()}>
            {t("before.forget")}
          </button>
        )}
        <span class="save-said">{isTyped ? t("before.unsaved") : said}</span>
      </div>
    </div>
  );
}
