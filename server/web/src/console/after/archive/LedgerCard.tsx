/** Where older entries of the ledger are, and having them archived. */

import { useEffect, useMemo } from "preact/hooks";
import { count, dateAndTime } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { answerOf } from "../../api/client";
import type { ArchiveState, ShownCheckpoint } from "../../api/schema";
import type { Console } from "../../console";
import { Kept } from "../../live/kept";
import { Perform } from "../../operations/Perform";
import { AwayText } from "../report/AwayText";
import { about, NONE } from "../report/numbers";
import { BigTable, type Column } from "../table/BigTable";
import { archiveNow } from "./operations";

const KIB = 1024;
const MIB = KIB * KIB;
/** Of shows that are waited for, so many are named. */
const WAITING_MAX = 10;

export function LedgerCard({ it }: { readonly it: Console }) {
  const kept = useMemo(
    () =>
      new Kept<ArchiveState>(() =>
        answerOf(it.api.GET("/v1/pools/{pool}/archive", { params: { path: { pool: it.pool } } })),
      ),
    [it],
  );
  useEffect(() => () => kept.close(), [kept]);
  const found = kept.want().value;
  const title = t("after.archive");
  return (
    <section class="card" aria-label={title}>
      <h3>{title}</h3>
      <p class="quiet">{t("after.archive.hint")}</p>
      <AwayText trouble={kept.trouble.value} onAgain={() => void kept.now()} />
      {found === null && kept.trouble.value === null && <p aria-busy="true">{t("after.reading")}</p>}
      {found !== null && <State found={found} />}
      <Perform operation={archiveNow(it)} onDone={() => void kept.now()} />
    </section>
  );
}

function State({ found }: { readonly found: ArchiveState }) {
  const { place, complaint, seq, cut, checkpoints, entries, memory_bytes, objects, bytes, waiting } = found;
  const newest = checkpoints.at(-1);
  const sum = (numbers: Readonly<Record<string, number>>) => Object.values(numbers).reduce((all, n) => all + n, 0);
  const facts: readonly (readonly [string, string])[] = [
    ["place", place],
    ["entries", count(sum(entries))],
    ["memory", sizeText(sum(memory_bytes))],
    ["seq", count(seq)],
    ["through", newest === undefined ? NONE : count(newest.seq)],
    ["cut", cut.seq === 0 ? t("after.archive.cut.none") : count(cut.seq)],
    ["objects", objects === null ? NONE : count(objects)],
    ["bytes", bytes === null ? NONE : sizeText(bytes)],
  ];
  return (
    <>
      {complaint !== "" && (
        <p class="fault" role="alert">
          {t("after.away.archive")} {complaint}
        </p>
      )}
      <dl class="after-sums">
        {facts.map(([name, text]) => (
          <div key={name} data-fact={name}>
            <dt>{t(`after.archive.${name}`)}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {waiting.length > 0 && (
        <p class="note">
          {t("after.archive.waits", {
            count: waiting.length,
            shown: count(waiting.length),
            shows: waiting
              .slice(0, WAITING_MAX)
              .map(({ show }) => show)
              .join(t("after.comma")),
          })}
        </p>
      )}
      <h4>{t("after.archive.checkpoints")}</h4>
      <BigTable
        title={t("after.archive.checkpoints")}
        rows={[...checkpoints].reverse()}
        columns={columns()}
        keyOf={({ seq: at }) => String(at)}
        textOf={({ name }) => name}
        empty={t("after.archive.checkpoints.none")}
      />
    </>
  );
}

/** Of what is small, too, one sees that it is something. */
function sizeText(bytes: number): string {
  return bytes < MIB
    ? t("after.archive.kib", { size: about(bytes / KIB) })
    : t("after.archive.mib", { size: about(bytes / MIB) });
}

function columns(): readonly Column<ShownCheckpoint>[] {
  return [
    { id: "seq", label: t("after.archive.seq"), rem: 7, isName: true, isNumber: true, value: ({ seq }) => seq },
    {
      id: "at",
      label: t("after.archive.at"),
      rem: 9,
      value: ({ at_ms }) => at_ms,
      text: ({ at_ms }) => dateAndTime(at_ms),
    },
    {
      id: "last",
      label: t("after.archive.last"),
      rem: 9,
      value: ({ last_at_ms }) => last_at_ms,
      text: ({ last_at_ms }) => dateAndTime(last_at_ms),
    },
    { id: "objects", label: t("after.archive.objects"), rem: 6, isNumber: true, value: ({ objects }) => objects },
    {
      id: "bytes",
      label: t("after.archive.bytes"),
      rem: 7,
      isNumber: true,
      value: ({ bytes }) => bytes,
      text: ({ bytes }) => (bytes === null ? NONE : sizeText(bytes)),
    },
    { id: "hash", label: t("after.archive.hash"), rem: 12, value: ({ hash }) => hash },
  ];
}
