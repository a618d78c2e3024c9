/** The catalogue, counts or orders from a file: dropped or chosen, looked at, then applied. */

import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { answerOf } from "../../api/client";
import type { ImportItem, ImportKind } from "../../api/schema";
import { useConsole } from "../../console";
import { ChooseFile } from "../../file/ChooseFile";
import { useDroppedFile } from "../../file/dropping";
import { may } from "../../rights";
import { ChoiceField } from "../form/Plain";
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
      <About importing={importing} />
      <div class="drop" data-over={over} aria-busy={sending !== ""}>
        <p>{sending === "" ? t("before.import.drop") : t("before.import.sending", { name: sending })}</p>
        <ChooseFile
          class="main"
          label={t("before.import.choose")}
          disabled={sending !== ""}
          onFile={(file) => void importing.send(file)}
        />
        <p class="quiet">{t(`before.import.kinds.${importing.kind.value}`)}</p>
      </div>
      <Kept importing={importing} />
    </>
  );
}

const KINDS: readonly ImportKind[] = ["catalogue", "counts", "orders"];

/** What the file is about; of orders, whose they are. */
function About({ importing }: { readonly importing: Importing }) {
  const { kept, login } = useConsole();
  const kind = importing.kind.value;
  // Counts are an operator's.
  const kinds = KINDS.filter((each) => each !== "counts" || may(login.session.value, "decide"));
  const channels = kind === "orders" ? (kept.channels.want().value ?? []) : [];
  return (
    <div class="two">
      <ChoiceField
        label={t("before.import.about")}
        value={kind}
        choices={kinds.map((each) => [each, t(`before.import.about.${each}`)] as const)}
        onValue={(value) => {
          importing.kind.value = kinds.find((each) => each === value) ?? "catalogue";
        }}
      />
      {kind === "orders" && (
        <ChoiceField
          label={t("before.import.channel")}
          value={importing.channel.value}
          choices={[
            ["", t("before.import.channel.choose")],
            ...channels.map(({ channel, title }) => [channel, title || channel] as const),
          ]}
          onValue={(value) => {
            importing.channel.value = value;
          }}
        />
      )}
    </div>
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
