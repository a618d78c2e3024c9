/** What a count has found: how it differs from the book and why, who signs it, and what comes of it. */

import { useMemo, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { CountItem, CountRowItem } from "../../api/schema";
import { useConsole } from "../../console";
import { Perform } from "../../operations/Perform";
import { useDesk } from "../desk";
import { isOver } from "../sentences";
import type { Entering } from "../sheet/entering";
import { Asked } from "../sheet/Questions";
import type { SheetRows } from "../sheet/rows";
import { Unread } from "../Unread";
import { Bulk } from "./Bulk";
import { DifferenceRow } from "./DifferenceRow";
import { gravestFirst, isShown, SHOWN, type Shown } from "./differences";
import { cancelCount, closeCount, reopenCount } from "./operations";
import { Signing } from "./Signing";

/** So many rows are drawn at once. */
const DRAWN = 100;

interface Props {
  readonly rows: SheetRows;
  readonly entering: Entering;
  readonly item: CountItem;
}

export function Review({ rows, entering, item }: Props) {
  const it = useConsole();
  it.kept.skus.want();
  const bySku = rows.value.value;
  if (bySku === null) return <Unread kept={rows} />;
  const isHidden = item.differing === null;
  return (
    <>
      {item.kind === "draft" && item.move !== null && <p class="note">{draftText(item, bySku)}</p>}
      {isHidden ? (
        <p class="empty">{t("counts.review.hidden")}</p>
      ) : (
        <>
          <Asked rows={[...bySku.values()].filter(asksNow)} entering={entering} />
          <Table rows={rows} item={item} />
          {!isOver(item) && item.state !== "counting" && <Signing rows={rows} item={item} />}
          {item.state === "applied" && <Applied item={item} />}
        </>
      )}
      <Steps rows={rows} item={item} />
    </>
  );
}

/** Why no row is shown. What nobody has counted agrees with nothing. */
function nothingText({ rows, counted_rows }: CountItem, shown: Shown): string {
  if (shown === "waiting") return t("counts.review.none.waiting");
  if (counted_rows === 0) return t("counts.review.none.counted");
  const words = { done: count(counted_rows), of: count(rows) };
  return counted_rows < rows ? t("counts.review.none.some", words) : t("counts.review.none");
}

function asksNow({ questions }: CountRowItem): boolean {
  return questions.some(({ included }) => included === null);
}

/** The move that a draft stands for. */
function draftText(item: CountItem, bySku: ReadonlyMap<string, CountRowItem>): string {
  const [row] = [...bySku.values()];
  const units = Math.abs(row?.difference ?? 0);
  const key = row?.write_off_from ? "counts.draft.write_off" : "counts.draft.count";
  const title = row?.title || row?.sku || "";
  return t(key, { move: item.move ?? "", title, count: units, shown: count(units), most: count(item.sign_over) });
}

function Applied({ item }: { readonly item: CountItem }) {
  const { gained, lost, shortage, unmoved_bad: bad } = item;
  return (
    <p class="card">
      {t("counts.result", { gained: count(gained ?? 0), lost: count(lost ?? 0), short: count(shortage ?? 0) })}
      {(bad ?? 0) > 0 && ` ${t("counts.result.bad", { units: count(bad ?? 0) })}`}
    </p>
  );
}

function Table({ rows, item }: { readonly rows: SheetRows; readonly item: CountItem }) {
  const it = useConsole();
  const desk = useDesk();
  const [shown, setShown] = useState<Shown>("differing");
  const [drawn, setDrawn] = useState(DRAWN);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const bySku = rows.value.value;
  const catalogue = it.kept.skus.value.value;
  const sorted = useMemo(() => {
    const priceOf = (sku: string) => {
      const price = it.kept.skus.of(sku)?.price_minor ?? -1;
      return price < 0 ? null : price;
    };
    return gravestFirst([...(bySku?.values() ?? [])], priceOf);
  }, [bySku, catalogue]);
  const found = sorted.filter((row) => isShown(row, shown));
  const open = item.state === "review" || item.state === "counting";
  const work = { desk, rows, item };
  const tick = (sku: string, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(sku);
    else next.delete(sku);
    setTicked(next);
  };
  const drawnRows = found.slice(0, drawn);
  const all = drawnRows.length > 0 && drawnRows.every(({ sku }) => ticked.has(sku));
  return (
    <section aria-labelledby="count-differences">
      <div class="card-head">
        <h3 id="count-differences">{t("counts.review.differences")}</h3>
        <div class="faces" role="group" aria-label={t("counts.review.shown")}>
          {SHOWN.map((each) => (
            <button key={each} type="button" aria-pressed={each === shown} onClick={() => setShown(each)}>
              {t(`counts.review.shown.${each}`, {
                shown: count(sorted.filter((row) => isShown(row, each)).length),
              })}
            </button>
          ))}
        </div>
      </div>
      {found.length === 0 ? (
        <p class="empty">{nothingText(item, shown)}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to take the focus, or no key scrolls it
        <div class="scroll" role="group" aria-label={t("counts.review.differences")} tabIndex={0}>
          <table class="differences">
            <thead>
              <tr>
                {open && (
                  <th scope="col">
                    <input
                      type="checkbox"
                      aria-label={t("counts.review.tick_all")}
                      checked={all}
                      onChange={(event) =>
                        setTicked(new Set(event.currentTarget.checked ? drawnRows.map(({ sku }) => sku) : []))
                      }
                    />
                  </th>
                )}
                <th scope="col">{t("counts.column.item")}</th>
                {(["counted", "book", "adjusted", "difference", "value"] as const).map((each) => (
                  <th key={each} scope="col" class="number">
                    {t(`counts.column.${each}`)}
                  </th>
                ))}
                <th scope="col">{t("counts.column.reason")}</th>
                <th scope="col">{t("counts.column.status")}</th>
              </tr>
            </thead>
            <tbody>
              {drawnRows.map((row) => (
                <DifferenceRow
                  key={row.sku}
                  row={row}
                  work={work}
                  open={open}
                  ticked={ticked.has(row.sku)}
                  onTick={(on) => tick(row.sku, on)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found.length > drawn && (
        <button type="button" onClick={() => setDrawn(drawn + DRAWN)}>
          {t("counts.review.more", { count: found.length - drawn })}
        </button>
      )}
      {open && ticked.size > 0 && <Bulk skus={[...ticked]} work={work} onDone={() => setTicked(new Set())} />}
    </section>
  );
}

/** What the count can be made to do next, beside being signed. */
function Steps({ rows, item }: { readonly rows: SheetRows; readonly item: CountItem }) {
  const desk = useDesk();
  const [asked, setAsked] = useState(false);
  const [refused, setRefused] = useState(false);
  const work = { desk, rows, item };
  // Whoever was told that somebody counts still may press again.
  const anyway = refused && item.open_rows > 0;
  if (isOver(item) || item.state === "applying") return null;
  return (
    <section class="steps card" aria-label={t("counts.steps")}>
      {item.state === "counting" && <Perform operation={closeCount(work, anyway, () => setRefused(true))} />}
      {item.state === "review" && item.kind !== "draft" && <Perform operation={reopenCount(work)} />}
      {asked ? (
        <Perform operation={cancelCount(work)} onCancel={() => setAsked(false)} />
      ) : (
        <button type="button" onClick={() => setAsked(true)}>
          {t("counts.do.cancel")} …
        </button>
      )}
    </section>
  );
}
