/** The batches of the pool: what is in each, opening and closing by hand, and a new one. */

import { useMemo, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { Batch } from "../../api/schema";
import { useConsole } from "../../console";
import type { Operation } from "../../operations/operation";
import { Perform } from "../../operations/Perform";
import { closeBatch, openBatch } from "../../operations/units";
import { windowText } from "./batch";
import { FillBatch } from "./FillBatch";
import { NewBatchForm } from "./NewBatchForm";

const ORDER: Readonly<Record<Batch["state"], number>> = { open: 0, planned: 1, missed: 2, closed: 3 };

export function Batches() {
  const it = useConsole();
  const batches = it.kept.batches.want().value;
  it.kept.channels.want();
  const [making, setMaking] = useState(false);
  const [old, setOld] = useState(false);
  if (batches === null) return <p aria-busy="true">{t("before.reading")}</p>;
  const isOver = ({ state }: Batch) => state === "closed" || state === "missed";
  const over = batches.filter(isOver).length;
  const shown = batches
    .filter((each) => old || !isOver(each))
    .sort((a, b) => ORDER[a.state] - ORDER[b.state] || (a.opens_at_ms ?? Infinity) - (b.opens_at_ms ?? Infinity));
  return (
    <>
      <div class="buttons">
        <button type="button" class="main" aria-expanded={making} onClick={() => setMaking(!making)}>
          {t("before.batch.new")}
        </button>
        {over > 0 && (
          <label>
            <input type="checkbox" checked={old} onChange={(event) => setOld(event.currentTarget.checked)} />
            {t("before.batch.over", { count: over })}
          </label>
        )}
      </div>
      {making && <NewBatchForm taken={batches.map(({ batch }) => batch)} onDone={() => setMaking(false)} />}
      {shown.length === 0 && !making && <p class="empty">{t("before.batch.empty")}</p>}
      <ul class="list">
        {shown.map((each) => (
          <BatchCard key={each.batch} batch={each} />
        ))}
      </ul>
    </>
  );
}

function BatchCard({ batch }: { readonly batch: Batch }) {
  const it = useConsole();
  const [asked, setAsked] = useState<Operation | null>(null);
  const [filling, setFilling] = useState(false);
  const channels = it.kept.channels.value.value ?? [];
  const isOver = batch.state === "closed" || batch.state === "missed";
  const name = batch.title || batch.batch;
  const step = useMemo(
    () => (batch.state === "open" ? closeBatch(it, batch.batch) : openBatch(it, batch.batch)),
    [it, batch.batch, batch.state],
  );
  const channel = channels.find((each) => each.channel === batch.channel)?.title || batch.channel;
  const rows = [...new Set([...Object.keys(batch.units), ...Object.keys(batch.taken)])].sort();
  return (
    <li class="card" aria-label={name}>
      <div class="card-head">
        <h4>{name}</h4>
        <span class="badge" data-state={batch.state}>
          {t(`before.batch.state.${batch.state}`)}
        </span>
        <span class="quiet">
          {[
            windowText(batch),
            channel || t("before.batch.for_all"),
            batch.exclusive && t("before.batch.exclusive"),
            batch.limit_per_user !== null && t("before.batch.limit_says", { count: batch.limit_per_user }),
            !isOver && t(`before.leftover.${batch.leftover}`),
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </div>
      {rows.length > 0 && (
        <table class="sheet small">
          <thead>
            <tr>
              <th scope="col">{t("before.sku")}</th>
              <th scope="col" class="number">
                {t("before.batch.in_it")}
              </th>
              <th scope="col" class="number">
                {t("before.batch.taken")}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((sku) => (
              <tr key={sku}>
                <th scope="row">{it.titleOf(sku)}</th>
                <td class="number">{count(batch.units[sku] ?? 0)}</td>
                <td class="number">{count(batch.taken[sku] ?? 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!isOver &&
        (asked === null ? (
          <div class="buttons">
            <button type="button" onClick={() => setAsked(step)}>
              {step.label}
            </button>
            {batch.state === "planned" && (
              <button type="button" aria-expanded={filling} onClick={() => setFilling(!filling)}>
                {t("before.batch.fill")}
              </button>
            )}
          </div>
        ) : (
          <Perform
            operation={asked}
            onDone={() => {
              setAsked(null);
              it.kept.batches.changed();
            }}
            onCancel={() => setAsked(null)}
          />
        ))}
      {filling && batch.state === "planned" && (
        <FillBatch batch={batch} called={name} onClose={() => setFilling(false)} />
      )}
    </li>
  );
}
