/** What was found, newest first. */

import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import { isOfReservation, type Names, type Step, stepsOf, stepWords } from "./entryWords";
import type { Searching } from "./search";

export function Results({ searching, names }: { readonly searching: Searching; readonly names: Names }) {
  const found = searching.found.value;
  const busy = searching.busy.value;
  return (
    <div class="ledger-results" aria-busy={busy}>
      <p role="status">{statusOf(searching)}</p>
      {found !== null && found.entries.length > 0 && (
        <div class="ledger-scroll">
          <table>
            <thead>
              <tr>
                {["time", "what", "sku", "id"].map((column) => (
                  <th key={column} scope="col">
                    {t(`ledger.column.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {stepsOf(found.entries).map((step) => (
                <Row key={step[0].pool_seq} step={step} names={names} searching={searching} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found !== null && found.next !== null && (
        <button type="button" disabled={busy} onClick={() => void searching.more()}>
          {t("ledger.more")}
        </button>
      )}
      {found !== null && found.next === null && found.entries.length > 0 && (
        <p>{t(found.isArchived ? "ledger.archived" : "ledger.all")}</p>
      )}
    </div>
  );
}

function statusOf(searching: Searching): string {
  const found = searching.found.value;
  if (searching.busy.value) return t("ledger.searching");
  if (found === null) return "";
  if (found.entries.length > 0)
    return t("ledger.found", { count: found.entries.length, n: count(found.entries.length) });
  if (found.next !== null) return t("ledger.none_yet");
  return t(found.isArchived ? "ledger.none_archived" : "ledger.none");
}

interface RowProps {
  readonly step: Step;
  readonly names: Names;
  readonly searching: Searching;
}

function Row({ step, names, searching }: RowProps) {
  const [first] = step;
  const isOpen = searching.open.value === first.id;
  return (
    <tr data-open={isOpen}>
      <td class="ledger-time">
        <time dateTime={new Date(first.at_ms).toISOString()}>{names.timeOf(first.at_ms)}</time>
      </td>
      <td>{stepWords(step, names)}</td>
      <td>{first.sku}</td>
      <td>
        {isOfReservation(first.kind) ? (
          <button
            type="button"
            class="ledger-id"
            aria-label={t("ledger.tell", { id: first.id })}
            aria-expanded={isOpen}
            onClick={() => void searching.tell(first.id, first.pool_seq)}
          >
            {first.id}
          </button>
        ) : (
          first.id
        )}
      </td>
    </tr>
  );
}
