/** One receipt: what one enters oneself, and once it is over what came against what was announced. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { answerOf, answerOfWrite } from "../../api/client";
import type { ReceiptItem } from "../../api/schema";
import { useConsole } from "../../console";
import { Kept } from "../../live/kept";
import { type Operation, UNHINDERED } from "../../operations/operation";
import { Perform } from "../../operations/Perform";
import { type Desk, useDesk } from "../desk";
import { linkTo } from "../parts";
import { leadRefusalText } from "../refusals";
import { Unread } from "../Unread";
import { EntryForm } from "./EntryForm";
import { Entry, lineOf } from "./entry";
import { isOver, receiptTitle, standText } from "./ReceiptList";

export function Receipt({ id }: { readonly id: string }) {
  const desk = useDesk();
  const kept = useMemo(() => new KeptReceipt(desk, id), [desk, id]);
  const entry = useMemo(() => new Entry(desk, id, (item) => kept.took(item)), [desk, id, kept]);
  useEffect(() => {
    const end = desk.onChange(() => kept.changed());
    return () => {
      end();
      kept.close();
    };
  }, [desk, kept]);
  const item = kept.want().value;
  return (
    <article class="sheet" aria-labelledby={item === null ? undefined : "receipt-title"}>
      <p class="back">
        <a href={linkTo({ kind: "receipts" })}>{t("counts.receipt.back")}</a>
      </p>
      <Unread kept={kept} />
      {item !== null && <Shown item={item} entry={entry} kept={kept} />}
    </article>
  );
}

class KeptReceipt extends Kept<ReceiptItem> {
  constructor(
    private readonly desk: Desk,
    id: string,
  ) {
    const params = { path: { pool: desk.pool, receipt: id } };
    super(() => answerOf(desk.api.GET("/v1/pools/{pool}/receipts/{receipt}", { params })));
  }

  /** As the server has just answered it. */
  took(item: ReceiptItem): void {
    this.put(item);
    this.desk.changed();
  }
}

interface ShownProps {
  readonly item: ReceiptItem;
  readonly entry: Entry;
  readonly kept: KeptReceipt;
}

function Shown({ item, entry, kept }: ShownProps) {
  const desk = useDesk();
  const own = item.entries.find(({ by }) => by === desk.user);
  return (
    <>
      <header class="sheet-head">
        <div class="card-head">
          <h2 id="receipt-title">{receiptTitle(item)}</h2>
          <span class="badge" data-state={item.state}>
            {t(`counts.receipt.state.${item.state}`)}
          </span>
          {item.by_two && <span class="badge">{t("counts.receipt.by_two")}</span>}
        </div>
        {item.note !== "" && <p class="note">{item.note}</p>}
        <p class="quiet">{standText(item, desk.user)}</p>
      </header>
      {item.state === "differs" && (
        <div class="fault" role="alert">
          <p>{t("counts.receipt.differs.what")}</p>
          <ul>
            {item.differing.map((sku) => (
              <li key={sku}>{own?.lines?.find((line) => line.sku === sku)?.title || sku}</li>
            ))}
          </ul>
        </div>
      )}
      {isOver(item) ? (
        <Came item={item} />
      ) : (
        <>
          <EntryForm item={item} entry={entry} saved={(own?.lines ?? []).map(lineOf)} done={own?.done ?? false} />
          {item.expected !== null && item.expected.length > 0 && <Announced item={item} />}
          {desk.leads && <Cancel item={item} now={kept} />}
        </>
      )}
    </>
  );
}

function Announced({ item }: { readonly item: ReceiptItem }) {
  return (
    <section class="card" aria-labelledby="receipt-announced">
      <h3 id="receipt-announced">{t("counts.receipt.announced")}</h3>
      <ul>
        {item.expected?.map(({ sku, title, units }) => (
          <li key={sku}>{t("counts.receipt.line", { title: title || sku, units: count(units) })}</li>
        ))}
      </ul>
    </section>
  );
}

/** What came, beside what was announced. */
function Came({ item }: { readonly item: ReceiptItem }) {
  const lines = item.entries.find((each) => each.lines !== null)?.lines ?? [];
  const came = new Map<string, { title: string; units: number }>();
  for (const { sku, title, good, bad } of lines) {
    came.set(sku, { title, units: (came.get(sku)?.units ?? 0) + good + bad });
  }
  const announced = new Map(item.expected?.map((each) => [each.sku, each]) ?? []);
  const skus = [...new Set([...announced.keys(), ...came.keys()])].sort();
  if (item.state !== "received" || skus.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to take the focus, or no key scrolls it
    <div class="scroll" role="group" aria-label={t("counts.receipt.compared")} tabIndex={0}>
      <table class="differences">
        <thead>
          <tr>
            <th scope="col">{t("counts.column.item")}</th>
            {item.expected !== null && (
              <th scope="col" class="number">
                {t("counts.receipt.announced")}
              </th>
            )}
            <th scope="col" class="number">
              {t("counts.receipt.came.column")}
            </th>
          </tr>
        </thead>
        <tbody>
          {skus.map((sku) => {
            const said = announced.get(sku);
            const units = said?.received ?? came.get(sku)?.units ?? 0;
            return (
              <tr key={sku} data-differs={said !== undefined && said.units !== units}>
                <th scope="row">
                  {said?.title || came.get(sku)?.title || sku} <span class="sku">{sku}</span>
                </th>
                {item.expected !== null && <td class="number">{said === undefined ? "–" : count(said.units)}</td>}
                <td class="number">{count(units)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Cancel({ item, now }: { readonly item: ReceiptItem; readonly now: KeptReceipt }) {
  const it = useConsole();
  const desk = useDesk();
  const [asked, setAsked] = useState(false);
  const operation: Operation = {
    label: t("counts.receipt.cancel"),
    says: () => t("counts.receipt.cancel.says"),
    hindered: UNHINDERED,
    done: t("counts.receipt.cancel.done", { title: receiptTitle(item) }),
    of: item.receipt,
    final: true,
    refused: (answer) => leadRefusalText(answer, t(`counts.receipt.state.${now.value.peek()?.state ?? item.state}`)),
    run: async () => {
      const params = { path: { pool: it.pool, receipt: item.receipt } };
      const answer = await answerOfWrite(() => it.api.POST("/v1/pools/{pool}/receipts/{receipt}/cancel", { params }));
      desk.changed();
      await now.now();
      return answer;
    },
  };
  return (
    <section class="steps card" aria-label={t("counts.steps")}>
      {asked ? (
        <Perform operation={operation} onCancel={() => setAsked(false)} />
      ) : (
        <button type="button" onClick={() => setAsked(true)}>
          {t("counts.receipt.cancel")} …
        </button>
      )}
    </section>
  );
}
