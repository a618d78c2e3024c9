/** What stands for and against the room's going on air, and what mends it. */

import { useRef, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { Checklist } from "../../api/schema";
import { useConsole } from "../../console";
import { NoRoom } from "../form/NoRoom";
import { Erp } from "./Erp";
import { GroupCard } from "./GroupCard";
import { groupsOf } from "./groups";
import { Lots } from "./Lots";
import { type Reading, useReading } from "./reading";
import { checkName } from "./sentences";
import { Verdict } from "./Verdict";
import "./checklist.css";

const LEVELS = ["fail", "warn"] as const;

export function ChecklistStep() {
  const it = useConsole();
  return it.room === "" ? <NoRoom /> : <OfRoom />;
}

function OfRoom() {
  const reading = useReading();
  const heading = useRef<HTMLHeadingElement>(null);
  const list = reading.open.value.value;
  if (list === null) {
    return reading.open.trouble.value === null ? (
      <p aria-busy="true">{t("before.reading")}</p>
    ) : (
      <p class="field-fault" role="alert">
        {t("checklist.unread")}
      </p>
    );
  }
  // What was mended is gone, and the button that mended it: whoever pressed it goes on at the head.
  const toHead = () => heading.current?.focus();
  return (
    <>
      <Verdict list={list} reading={reading} heading={heading} />
      {LEVELS.map((level) => {
        const groups = groupsOf(list.items.filter((item) => item.level === level));
        if (groups.length === 0) return null;
        return (
          <section key={level} aria-label={t(`checklist.part.${level}`)}>
            <h4>{t(`checklist.part.${level}`)}</h4>
            {groups.map((group) => (
              <GroupCard key={group.key} group={group} reading={reading} onDone={toHead} />
            ))}
          </section>
        );
      })}
      <LeftOut list={list} />
      <Passed reading={reading} passes={list.passes} />
      <Lots reading={reading} />
      <Erp reading={reading} />
    </>
  );
}

/** How much is open that is not listed. */
function LeftOut({ list }: { readonly list: Checklist }) {
  const shown = list.items.filter(({ level }) => level !== "pass").length;
  const more = list.fails + list.warns - shown;
  if (more <= 0) return null;
  const listed = (check: string) => list.items.filter((item) => item.check === check && item.level !== "pass").length;
  const hidden = list.checks
    .map(({ check, fails, warns }) => ({ name: checkName(check), n: fails + warns - listed(check) }))
    .filter(({ n }) => n > 0)
    .map(({ name, n }) => t("checklist.left_out.check", { name, n: count(n) }));
  return (
    <p class="quiet">
      {t("checklist.left_out", { count: more, n: count(more), checks: hidden.join(t("before.list.between")) })}
    </p>
  );
}

/** What passes, folded. */
function Passed({ reading, passes }: { readonly reading: Reading; readonly passes: number }) {
  const [open, setOpen] = useState(false);
  if (passes === 0) return null;
  return (
    <details class="folded" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("checklist.passed", { count: passes, n: count(passes) })}</summary>
      {open && <PassedGroups reading={reading} />}
    </details>
  );
}

function PassedGroups({ reading }: { readonly reading: Reading }) {
  const list = reading.passed.want().value;
  if (list === null) return <p aria-busy="true">{t("before.reading")}</p>;
  const groups = groupsOf(list.items.filter(({ level }) => level === "pass"));
  return (
    <>
      {groups.map((group) => (
        <GroupCard key={group.key} group={group} reading={reading} onDone={() => {}} />
      ))}
    </>
  );
}
