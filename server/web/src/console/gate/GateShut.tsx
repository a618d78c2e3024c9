/** Why the show does not begin, what mends it, and how an operator begins it all the same, with a reason. */

import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import { answerOf } from "../api/client";
import type { StatusDone } from "../api/schema";
import { toChecklist } from "../before/steps";
import { useConsole } from "../console";
import { Perform } from "../operations/Perform";
import { failuresOf } from "./failures";
import type { ShutProps } from "./gate";
import { beginAnyway, REASON_MAX } from "./override";
import "./gate.css";

/** Items that are named; the checklist has them all. */
const NAMED_MAX = 5;

export function GateShut({ problem, onDone, onCancel }: ShutProps) {
  const it = useConsole();
  const id = useId();
  const [reason, setReason] = useState("");
  const reach = useReach();
  const fails = problem.fails ?? 0;
  const items = problem.items ?? [];
  const operation = useMemo(() => beginAnyway(it, fails, reason.trim(), reach), [it, fails, reason, reach]);
  const more = fails - Math.min(items.length, NAMED_MAX);
  return (
    <section class="gate" aria-labelledby={id}>
      <p id={id} class="gate-title">
        {t("gate.shut", { count: fails, n: count(fails) })}
      </p>
      <ul>
        {failuresOf(items.slice(0, NAMED_MAX)).map(({ key, name, titles, text }) => (
          <li key={key}>
            <strong>{name}</strong> {titles === "" ? text : t("gate.item", { titles, text })}
          </li>
        ))}
        {more > 0 && <li>{t("gate.more", { count: more, n: count(more) })}</li>}
      </ul>
      <button type="button" class="main" onClick={toChecklist}>
        {t("gate.open")}
      </button>
      <details>
        <summary>{t("gate.anyway.title")}</summary>
        <label>
          {t("gate.reason")}
          <input
            type="text"
            autocomplete="off"
            maxLength={REASON_MAX}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <Perform operation={operation} onDone={onDone} />
      </details>
      {onCancel && (
        <button type="button" onClick={onCancel}>
          {t("do.cancel")}
        </button>
      )}
    </section>
  );
}

/** What going on air would reach, were there a reason; null while the server has not said. */
function useReach(): StatusDone | null {
  const it = useConsole();
  const [reach, setReach] = useState<StatusDone | null>(null);
  useEffect(() => {
    const params = { path: { room: it.room } };
    const body = { status: "live", dry_run: true, override: t("gate.asked") } as const;
    void answerOf(it.api.POST("/v1/rooms/{room}/status", { params, body })).then((answer) => {
      if (answer.ok) setReach(answer.value);
    });
  }, [it]);
  return reach;
}
