/** Whether the room may go on air, as of when, and how much stands for and against it. */

import type { Ref } from "preact";
import { useState } from "preact/hooks";
import { count, timeOfDay } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { addressOf } from "../../address";
import type { Checklist } from "../../api/schema";
import { useConsole } from "../../console";
import { LevelMark } from "./LevelMark";
import type { Reading } from "./reading";

const LEVELS = [
  ["fail", "fails"],
  ["warn", "warns"],
  ["pass", "passes"],
] as const;

interface Props {
  readonly list: Checklist;
  readonly reading: Reading;
  readonly heading: Ref<HTMLHeadingElement>;
}

export function Verdict({ list, reading, heading }: Props) {
  const it = useConsole();
  const [busy, setBusy] = useState(false);
  const state = stateOf(list);
  const again = async () => {
    setBusy(true);
    await reading.now();
    setBusy(false);
  };
  return (
    <section class="card verdict" data-state={state} aria-labelledby="checklist-verdict">
      <h4 id="checklist-verdict" ref={heading} tabIndex={-1}>
        {t(`checklist.verdict.${state}`)}
      </h4>
      <p>{t(`checklist.verdict.${state}.says`, { count: list.fails, n: count(list.fails) })}</p>
      <ul class="verdict-counts">
        {LEVELS.map(([level, of]) => (
          <li key={level}>
            <LevelMark level={level} /> <b>{count(list[of])}</b> {t(`checklist.count.${level}`, { count: list[of] })}
          </li>
        ))}
      </ul>
      <div class="buttons">
        <button type="button" aria-disabled={busy} onClick={() => void again()}>
          {t("checklist.again")}
        </button>
        <a href={addressOf({ pool: it.pool, room: it.room, view: "board" })}>{t("checklist.to_board")}</a>
        <span class="quiet">{t("checklist.as_of", { at: timeOfDay(list.at_ms) })}</span>
      </div>
      {reading.open.trouble.value !== null && (
        <p class="field-fault" role="alert">
          {t("checklist.unread")}
        </p>
      )}
    </section>
  );
}

/** What a checklist comes to: on air as it is, with something open, though it fails, or not. */
export function stateOf({ may_go_live, fails, warns }: Pick<Checklist, "may_go_live" | "fails" | "warns">) {
  if (!may_go_live) return "refused";
  if (fails > 0) return "allowed";
  return warns > 0 ? "open" : "clear";
}
