/** The catalogue from a file: dropped or chosen, looked at, then applied. */

import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { answerOf } from "../../api/client";
import type { ImportItem } from "../../api/schema";
import { useConsole } from "../../console";
import { ChooseFile } from "../../file/ChooseFile";
import { useDroppedFile } from "../../file/dropping";
import { Importing } from "./importing";
import { Preview } from "./Preview";
import { stateText } from "./sentences";

export function Import() {
  const it = useConsole();
  const importing = useMemo(() => new Importing(it), [it]);
  useEffect(() => () => importing.close(), [importing]);
  const over = useDroppedFile(useCallback((file: File) => void importing.send(file), [importing]));
  const item = importing.item.value;
  return (
    <>
      {importing.trouble.value !== "" && (
        <p class="field-fault" role="alert">
          {importing.trouble.value}
        </p>
      )}
      {importing.note.value !== "" && (
        <p class="field-fault" role="alert">
          {importing.note.value}
        </p>
      )}
      {item === null ? <Choose importing={importing} over={over} /> : <Preview importing={importing} item={item} />}
    </>
  );
}

function Choose({ importing, over }: { readonly importing: Importing; readonly over: boolean }) {
  const sending = importing.sending.value;
  return (
    <>
      <div class="drop" data-over={over} aria-busy={sending !== ""}>
        <p>{sending === "" ? t("before.import.drop") : t("before.import.sending", { name: sending })}</p>
        <ChooseFile
          class="main"
          label={t("before.import.choose")}
          disabled={sending !== ""}
          onFile={(file) => void importing.send(file)}
        />
        <p class="quiet">{t("before.import.kinds")}</p>
      </div>
      <Kept importing={importing} />
    </>
  );
}

/** Files that were sent before and are not put away. */
function Kept({ importing }: { readonly importing: Importing }) {
  const it = useConsole();
  const [kept, setKept] = useState<readonly ImportItem[]>([]);
  useEffect(() => {
    const params = { path: { pool: it.pool } };
    void answerOf(it.api.GET("/v1/pools/{pool}/imports", { params })).then((answer) => {
      if (answer.ok) setKept([...answer.value.imports].reverse());
    });
  }, [it]);
  if (kept.length === 0) return null;
  return (
    <section aria-label={t("before.import.kept")}>
      <h4>{t("before.import.kept")}</h4>
      <ul class="list">
        {kept.map((each) => (
          <li key={each.import} class="card card-head">
            <strong>{each.name}</strong>
            <span class="quiet">
              {[stateText(each), each.made_by, timeOrDate(each.made_at_ms)].filter(Boolean).join(" · ")}
            </span>
            <button
              type="button"
              aria-label={t("before.import.open_of", { name: each.name })}
              onClick={() => void importing.open(each.import)}
            >
              {t("before.import.open")}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
