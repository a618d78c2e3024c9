/** One SKU of what a count has found: its figures, who found what, and why it differs. */

import { useEffect, useState } from "preact/hooks";
import { count, price, timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { CountRowItem } from "../../api/schema";
import { useConsole } from "../../console";
import { questionText } from "../sentences";
import { lotText } from "../sheet/LineForm";
import { badMove } from "./differences";
import { type CountReason, giveReasons, REASONS, refusedOf } from "./operations";
import type { Work } from "./work";

interface Props {
  readonly row: CountRowItem;
  readonly work: Work;
  readonly open: boolean;
  readonly ticked: boolean;
  readonly onTick: (on: boolean) => void;
}

export function DifferenceRow({ row, work, open, ticked, onTick }: Props) {
  const it = useConsole();
  const title = row.title || row.sku;
  const goods = it.kept.skus.of(row.sku);
  const difference = row.difference ?? 0;
  const isKnown = goods !== undefined && goods.price_minor >= 0 && goods.currency !== "";
  return (
    <tr data-differs={difference !== 0}>
      {open && (
        <td>
          <input
            type="checkbox"
            aria-label={t("counts.review.tick", { title })}
            checked={ticked}
            onChange={(event) => onTick(event.currentTarget.checked)}
          />
        </td>
      )}
      <th scope="row">
        <span class="goods-title">{title}</span>
        {row.title !== "" && <span class="sku">{row.sku}</span>}
        <Found row={row} />
      </th>
      <td class="number">
        {row.counted === null ? "–" : count(row.counted)}
        {(row.bad ?? 0) > 0 && <span class="below">{t("counts.review.bad", { units: count(row.bad ?? 0) })}</span>}
      </td>
      <td class="number">{row.counted === null ? "–" : count(row.on_hand ?? 0)}</td>
      <td class="number">{row.adjusted === 0 || row.adjusted === null ? "" : signed(row.adjusted)}</td>
      <td class="number difference">
        {row.counted === null && !row.write_off_from ? "" : signed(difference)}
        {badMove(row) !== 0 && (
          <span class="below">
            {t(badMove(row) > 0 ? "counts.review.to_bad" : "counts.review.from_bad", {
              units: count(Math.abs(badMove(row))),
            })}
          </span>
        )}
      </td>
      <td class="number">
        {isKnown && difference !== 0 ? price(difference * goods.price_minor, goods.currency).replace("-", "−") : ""}
      </td>
      <td>
        {difference !== 0 && (
          <div class="why">
            <Reason row={row} work={work} open={open} title={title} />
          </div>
        )}
      </td>
      <td>
        <span class="badge" data-status={row.status}>
          {t(`counts.status.${row.status}`)}
        </span>
        {(row.shortage ?? 0) > 0 && (
          <span class="below">{t("counts.review.short", { units: count(row.shortage ?? 0) })}</span>
        )}
        {(row.unmoved_bad ?? 0) > 0 && (
          <span class="below">{t("counts.review.bad_kept", { units: count(row.unmoved_bad ?? 0) })}</span>
        )}
      </td>
    </tr>
  );
}

/** A difference with its sign. */
function signed(units: number): string {
  if (units === 0) return count(0);
  return `${units > 0 ? "+" : "−"}${count(Math.abs(units))}`;
}

/** Who found what, and what was answered about goods that moved meanwhile. */
function Found({ row }: { readonly row: CountRowItem }) {
  if (row.lines.length === 0) return null;
  const answered = row.questions.filter(({ included }) => included !== null);
  return (
    <details>
      <summary>{t("counts.review.lines", { count: row.lines.length, round: row.round })}</summary>
      <ul class="found">
        {row.lines.map((line) => (
          <li key={line.line}>
            {[
              t("counts.review.line", { who: line.by, good: count(line.good), bad: count(line.bad) }),
              line.open ? t("counts.review.open") : line.at_ms === null ? "" : timeOrDate(line.at_ms),
              line.zone,
              lotText(line),
              line.note,
            ]
              .filter(Boolean)
              .join(" · ")}
          </li>
        ))}
        {answered.map((question) => (
          <li key={`q${question.seq}`}>
            {questionText(question, timeOrDate(question.at_ms))}{" "}
            {t("counts.review.answered", { units: count(question.included ?? 0), who: question.answered_by })}
          </li>
        ))}
      </ul>
    </details>
  );
}

interface ReasonProps extends Pick<Props, "row" | "work" | "open"> {
  readonly title: string;
}

function Reason({ row, work, open, title }: ReasonProps) {
  const [reason, setReason] = useState<string>(row.reason ?? "");
  const [note, setNote] = useState(row.reason_note);
  const [fault, setFault] = useState("");
  // Somebody else may have said it meanwhile.
  useEffect(() => {
    setReason(row.reason ?? "");
    setNote(row.reason_note);
  }, [row.reason, row.reason_note]);
  if (!open) {
    const said = row.reason ? t(`counts.reason.${row.reason}`) : "";
    return <>{[said, row.reason_note].filter(Boolean).join(": ")}</>;
  }
  const save = async (why: string, words: string) => {
    if (why === "" || (why === (row.reason ?? "") && words.trim() === row.reason_note)) return;
    if (why === "other" && words.trim() === "") {
      setFault(t("counts.reason.note_needed"));
      return;
    }
    const answer = await giveReasons(work, [{ sku: row.sku, reason: why as CountReason, note: words.trim() }]);
    setFault(answer.ok ? "" : refusedOf(work)(answer));
  };
  return (
    <>
      <select
        aria-label={t("counts.reason.of", { title })}
        value={reason}
        onChange={(event) => {
          setReason(event.currentTarget.value);
          void save(event.currentTarget.value, note);
        }}
      >
        <option value="">{t("counts.reason.choose")}</option>
        {REASONS.map((each) => (
          <option key={each} value={each}>
            {t(`counts.reason.${each}`)}
          </option>
        ))}
      </select>
      <input
        aria-label={t("counts.reason.note_of", { title })}
        placeholder={t("counts.note")}
        maxLength={200}
        autocomplete="off"
        value={note}
        onInput={(event) => setNote(event.currentTarget.value)}
        onBlur={() => void save(reason, note)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.isComposing) void save(reason, note);
        }}
      />
      {fault !== "" && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </>
  );
}
