/** A count as a file: the sheet to fill in, and one that was filled in. */

import { useCallback, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { language, t } from "../../../shared/i18n";
import { answerOf } from "../../api/client";
import { newKey } from "../../api/key";
import type { CountFileRead, CountItem } from "../../api/schema";
import { kindOf } from "../../before/import/importing";
import { ChooseFile } from "../../file/ChooseFile";
import { useDroppedFile } from "../../file/dropping";
import { problemText, unreadText } from "../../operations/problem";
import { useDesk } from "../desk";
import { readJob } from "../jobs";

const KINDS = { csv: "text/csv", xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" } as const;

/** So many faults are drawn; the count is of all. */
const DRAWN_MAX = 200;

export function SheetFile({ item }: { readonly item: CountItem }) {
  const desk = useDesk();
  const [fault, setFault] = useState("");
  const [sending, setSending] = useState("");
  const [read, setRead] = useState<CountFileRead | null>(null);
  const path = { pool: desk.pool, count: item.count };
  const download = async (name: keyof typeof KINDS) => {
    const params = { path, query: { language: language.peek() } };
    const headers = { Accept: KINDS[name] };
    const answer = await answerOf(
      desk.api.GET("/v1/pools/{pool}/counts/{count}/sheet", { params, headers, parseAs: "blob" }),
    );
    setFault(answer.ok ? "" : unreadText(answer.problem, answer.status));
    if (answer.ok) save(answer.value as unknown as Blob, `${item.count}.${name}`);
  };
  const send = useCallback(
    async (file: File) => {
      const kind = kindOf(file.name);
      if (kind === "") {
        setFault(t("counts.file.kind", { name: file.name }));
        return;
      }
      setFault("");
      setRead(null);
      setSending(file.name);
      const header = { "Idempotency-Key": newKey() };
      const answer = await readJob<CountFileRead>(desk.api, desk.pool, () =>
        desk.api.POST("/v1/pools/{pool}/counts/{count}/file", {
          params: { path, header },
          headers: { "Content-Type": kind },
          body: file as never,
          bodySerializer: (body) => body,
        }),
      );
      setSending("");
      if (answer.ok) setRead(answer.value);
      else setFault(problemText(answer.problem, answer.status));
      desk.changed();
    },
    [desk, item.count],
  );
  const takes = item.state === "counting";
  const over = useDroppedFile(
    useCallback(
      (file: File) => {
        if (takes) void send(file);
      },
      [send, takes],
    ),
  );
  return (
    <>
      <section class="card" aria-labelledby="count-sheet">
        <h3 id="count-sheet">{t("counts.file.sheet")}</h3>
        <p>{t("counts.file.sheet.what")}</p>
        <div class="buttons">
          <button type="button" onClick={() => void download("csv")}>
            {t("counts.file.csv")}
          </button>
          <button type="button" onClick={() => void download("xlsx")}>
            {t("counts.file.xlsx")}
          </button>
        </div>
      </section>
      {takes && (
        <section class="drop" data-over={over} aria-busy={sending !== ""} aria-labelledby="count-filled">
          <h3 id="count-filled">{t("counts.file.filled")}</h3>
          <p>{sending === "" ? t("counts.file.drop") : t("counts.file.sending", { name: sending })}</p>
          <ChooseFile
            class="main"
            label={t("counts.file.choose")}
            disabled={sending !== ""}
            onFile={(file) => void send(file)}
          />
        </section>
      )}
      {fault !== "" && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {read !== null && <Read read={read} />}
    </>
  );
}

function Read({ read }: { readonly read: CountFileRead }) {
  return (
    <section class="card" aria-labelledby="count-read">
      <h3 id="count-read">{t("counts.file.saved", { count: read.saved, shown: count(read.saved) })}</h3>
      <p role="status">
        {[
          read.added > 0 && t("counts.file.added", { count: read.added }),
          read.uncounted > 0 && t("counts.file.uncounted", { count: read.uncounted }),
          read.fault_count > 0 && t("counts.file.faults", { count: read.fault_count }),
        ]
          .filter(Boolean)
          .join(t("counts.sentence.between"))}
      </p>
      {read.notes.map((note) => (
        <p key={note} class="quiet">
          {note}
        </p>
      ))}
      {read.faults.length > 0 && (
        <table class="faults">
          <thead>
            <tr>
              <th scope="col">{t("counts.file.line")}</th>
              <th scope="col">{t("counts.sku")}</th>
              <th scope="col">{t("counts.file.wrong")}</th>
            </tr>
          </thead>
          <tbody>
            {read.faults.slice(0, DRAWN_MAX).map(({ line, sku, reason }) => (
              <tr key={`${line} ${sku} ${reason}`}>
                <td>{line}</td>
                <th scope="row">{sku}</th>
                <td>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** Have the browser keep a file. */
function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
