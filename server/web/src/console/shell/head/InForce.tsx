/** What is in force, on top of every view: whoever has forgotten a freeze sees it, and finds there what lets it go on. One line:
 * nothing below moves by it. */

import { t } from "../../../shared/i18n";
import { useConsole } from "../../console";
import { inForceName } from "../../emergency/effectWords";
import { later } from "../../later";
import { Over } from "../Over";
import { namesOf } from "../undo/names";
import "./inforce.css";

/** With what lets them go on: loaded with the emergency calls, which it is a part of. */
const InForceList = later<{ readonly heading: "h2" | "h3" }>(
  async () => (await import("../../emergency/InForce")).InForceList,
);

/** So many are named; of more there is the number. */
const NAMED_MAX = 2;

export function InForce() {
  const it = useConsole();
  const found = it.kept.emergencies.want().value;
  const notice = it.stage?.notice.value?.text ?? "";
  const names = namesOf(it);
  const flags = found?.in_force ?? [];
  const more = Math.max(0, (found?.count ?? 0) - NAMED_MAX);
  const named = flags.slice(0, NAMED_MAX).map((flag) => (
    <span key={`${flag.kind} ${flag.scope} ${flag.name}`} class="inforce-flag" data-kind={flag.kind}>
      {inForceName(flag, names)}
    </span>
  ));
  return (
    <div class="inforce" role="group" aria-label={t("force")}>
      {flags.length > 0 && (
        <Over
          label={
            <span class="inforce-flags">
              {named}
              {more > 0 && <span class="inforce-flag inforce-more">{t("force.more", { more })}</span>}
            </span>
          }
        >
          <InForceList heading="h2" />
        </Over>
      )}
      {found !== null && flags.length === 0 && notice === "" && <p class="inforce-none">{t("force.nothing")}</p>}
      {notice !== "" && (
        <p class="inforce-notice" title={notice}>
          {t("force.notice", { text: notice })}
        </p>
      )}
    </div>
  );
}
