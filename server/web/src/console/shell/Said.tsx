/** What came of the last operation, with what takes it back beside it. It stays until the next one, or until it is read. */

import { useState } from "preact/hooks";
import { t } from "../../shared/i18n";
import { useConsole } from "../console";
import { onceEach } from "../operations/press";
import { undo } from "../operations/show";
import { actionText } from "./undo/actionwords";
import { namesOf } from "./undo/names";

export function Said() {
  const it = useConsole();
  const [read, setRead] = useState(0);
  const last = it.doing.said.value[0];
  if (last === undefined || last.n <= read) return <p class="said" data-empty="true" />;
  const action = it.kept.actions.want().value?.find(({ id, undoable }) => undoable && id === last.action);
  const what = action && actionText(action, namesOf(it));
  const taken = action && what !== undefined && undo(it, action.id, what);
  return (
    <div class="said" data-fault={last.isFault}>
      <p>{last.text}</p>
      {action && what !== undefined && taken && (
        <button
          type="button"
          aria-label={t(action.kind === "undo" ? "undo.redo_this" : "undo.undo_this", { what })}
          aria-disabled={it.doing.isBusy(taken)}
          {...onceEach(() => it.doing.perform(taken))}
        >
          {t(action.kind === "undo" ? "undo.redo" : "undo.undo")}
        </button>
      )}
      <button type="button" onClick={() => setRead(last.n)}>
        {t("said.dismiss")}
      </button>
    </div>
  );
}
