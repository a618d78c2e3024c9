/** What is in force, on top of every view: whoever has forgotten a freeze sees it. One line: nothing below moves by it. */

import { timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { addressOf, where } from "../../address";
import type { InForce as Flag } from "../../api/schema";
import { type Console, useConsole } from "../../console";
import { namesOf } from "../undo/names";
import "./inforce.css";

export function InForce() {
  const it = useConsole();
  const found = it.kept.emergencies.want().value;
  const address = addressOf({ ...where.value, view: "emergency" });
  const notice = it.stage?.notice.value?.text ?? "";
  const listed = found?.in_force ?? [];
  const more = (found?.count ?? 0) - listed.length;
  return (
    <section class="inforce" aria-label={t("force")}>
      {found !== null && listed.length === 0 && notice === "" && <p class="inforce-none">{t("force.nothing")}</p>}
      <ul>
        {listed.map((flag) => (
          <li key={`${flag.kind} ${flag.scope} ${flag.name}`} data-kind={flag.kind}>
            <a href={address} title={sinceText(flag)}>
              {flagText(it, flag)}
            </a>
          </li>
        ))}
        {more > 0 && <li data-kind="frozen">{t("force.more", { more })}</li>}
        {notice !== "" && <li data-kind="notice">{t("force.notice", { text: notice })}</li>}
      </ul>
    </section>
  );
}

function flagText(it: Console, { kind, scope, name, reason }: Flag): string {
  const names = namesOf(it);
  const where = scope === "room" ? names.roomOf(name) : name;
  const what = scope === "sku" ? it.titleOf(name) : t(`scope.${scope}`, { name: where });
  const text = kind === "paused" ? t("force.paused", { room: where }) : t("force.frozen", { what });
  return reason ? t("force.because", { text, reason }) : text;
}

/** Who did it, and when; what is not known is left out. */
function sinceText({ by, since_ms }: Flag): string {
  return since_ms === null ? "" : t("undo.who", { who: by, at: timeOrDate(since_ms) });
}
