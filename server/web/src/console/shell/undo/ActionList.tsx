/** The last actions of everybody: who, when, what, and whether it can be taken back. */

import { useEffect, useRef } from "preact/hooks";
import { count, timeOfDay } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { ActionItem } from "../../api/schema";
import { useConsole } from "../../console";
import { ACTIONS_SHOWN } from "../../live/definitions";
import { onceEach } from "../../operations/press";
import { undo } from "../../operations/show";
import { actionText, whyNotText } from "./actionwords";
import { namesOf } from "./names";
import "./actions.css";

export function ActionList() {
  const it = useConsole();
  const actions = it.kept.actions.want().value;
  if (actions === null) return <p aria-busy="true">{t("since.loading")}</p>;
  return (
    <>
      <p class="quiet">{t("undo.hint", { most: count(ACTIONS_SHOWN) })}</p>
      {actions.length === 0 && <p>{t("undo.none")}</p>}
      <ol class="actions">
        {actions.map((action) => (
          <Row key={action.id} action={action} />
        ))}
      </ol>
    </>
  );
}

function Row({ action }: { readonly action: ActionItem }) {
  const it = useConsole();
  const what = actionText(action, namesOf(it));
  const row = useRef<HTMLLIElement>(null);
  const isPressed = useRef(false);
  useEffect(() => {
    // What was pressed is gone: who goes by the keyboard stays where it was.
    if (isPressed.current && document.activeElement === document.body) row.current?.focus();
    isPressed.current = false;
  }, [action.undoable]);
  const isUndone = action.undone_by !== "";
  const again = action.kind === "undo";
  const taken = undo(it, action.id, what);
  return (
    <li ref={row} tabIndex={-1} class="action" data-undone={isUndone}>
      <p class="action-what">{what}</p>
      <p class="action-who">{t("undo.who", { who: action.actor, at: timeOfDay(action.at_ms) })}</p>
      {action.undoable ? (
        <button
          type="button"
          aria-label={t(again ? "undo.redo_this" : "undo.undo_this", { what })}
          aria-disabled={it.doing.isBusy(taken)}
          {...onceEach(() => {
            isPressed.current = true;
            void it.doing.perform(taken);
          })}
        >
          {t(again ? "undo.redo" : "undo.undo")}
        </button>
      ) : (
        <p class="action-why">{isUndone ? t("undo.undone") : whyNotText(action)}</p>
      )}
    </li>
  );
}
