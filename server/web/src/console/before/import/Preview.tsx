/** What is in a file and what it would do: how it was read, what is wrong in it, what is new and what changes. */

import { useMemo } from "preact/hooks";
import { t } from "../../../shared/i18n";
import type { ImportItem } from "../../api/schema";
import { useConsole } from "../../console";
import { linkTo } from "../../counts/parts";
import type { Operation } from "../../operations/operation";
import { Perform } from "../../operations/Perform";
import { goToStep } from "../steps";
import { CountsChanges, OrdersChanges } from "./Changes";
import { Changes, Faults, Refused } from "./Findings";
import { reasonText } from "./faultText";
import { HowRead } from "./HowRead";
import { type Importing, readOf } from "./importing";
import { applyText, resultText, stateText } from "./sentences";

interface Props {
  readonly importing: Importing;
  readonly item: ImportItem;
}

export function Preview({ importing, item }: Props) {
  const { preview, counts, orders, state } = item;
  const read = readOf(item);
  const isRead = state === "ready" || state === "failed";
  return (
    <>
      <div class="card-head">
        <strong>{item.name}</strong>
        <span class="badge" data-state={state}>
          {stateText(item)}
        </span>
        <button type="button" onClick={() => importing.leave()}>
          {t("before.import.others")}
        </button>
        {state !== "applied" && (
          <button type="button" onClick={() => void importing.discard(item.import)}>
            {t("before.import.discard")}
          </button>
        )}
      </div>
      {state === "reading" && <p aria-busy="true">{t("before.import.reading")}</p>}
      {state === "failed" && (
        <div class="card fault" role="alert">
          <p>{t("before.import.failed")}</p>
          <p>{reasonText(item.reason)}</p>
          <p>{t("before.import.taken_for", { about: t(`before.import.about.${item.kind}`) })}</p>
        </div>
      )}
      {(state === "applying" || state === "applied" || state === "stopped") && <Written {...{ importing, item }} />}
      {read !== null && isRead && (
        <>
          {state === "ready" && <ApplyCard importing={importing} item={item} />}
          <HowRead importing={importing} item={item} preview={read} />
          {read.fault_count > 0 && <Faults preview={read} />}
          {state === "ready" && preview !== null && <Changes preview={preview} />}
          {state === "ready" && counts !== null && <CountsChanges counts={counts} />}
          {state === "ready" && orders !== null && <OrdersChanges orders={orders} />}
        </>
      )}
    </>
  );
}

function ApplyCard({ importing, item }: Props) {
  const it = useConsole();
  const room = item.room === null ? "" : it.kept.room.want().value?.title || item.room;
  const operation = useMemo((): Operation => {
    const isEmpty = item.of === 0;
    return {
      label: t("before.import.apply"),
      says: () => applyText(item, room),
      hindered: () => (isEmpty ? applyText(item, "") : ""),
      done: t("before.import.begun", { name: item.name }),
      run: () => importing.apply(),
    };
  }, [importing, item, room]);
  return (
    <div class="card" data-main>
      <Perform operation={operation} />
    </div>
  );
}

/** While it is written, and what came of it. */
function Written({ importing, item }: Props) {
  const isOver = item.state !== "applying";
  return (
    <div class="card" data-main>
      {item.state === "applying" && (
        <>
          <label for="import-progress">{stateText(item)}</label>
          <progress id="import-progress" max={Math.max(1, item.of)} value={item.done} />
        </>
      )}
      {isOver && <p role="status">{resultText(item)}</p>}
      {item.reason !== "" && <p class="field-fault">{item.reason}</p>}
      {item.refused_count > 0 && <Refused item={item} />}
      {item.state === "stopped" && (
        <button type="button" class="main" onClick={() => void importing.apply()}>
          {t("before.import.go_on")}
        </button>
      )}
      {item.state === "applied" && item.kind === "counts" && item.count !== null && (
        <p>
          <a href={linkTo({ kind: "count", id: item.count })}>{t("before.import.to_count")}</a>
        </p>
      )}
      {item.state === "applied" && item.kind === "catalogue" && (
        <div class="buttons">
          <button type="button" class="main" onClick={() => goToStep("shelf")}>
            {t("before.import.to_shelf")}
          </button>
        </div>
      )}
    </div>
  );
}
