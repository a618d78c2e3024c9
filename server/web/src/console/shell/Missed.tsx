/** The alerts that rang while nobody looked at the page. */

import { timeOfDay } from "../../shared/format";
import { t } from "../../shared/i18n";
import { useConsole } from "../console";
import { alertText } from "./attention/alertwords";
import type { Attention } from "./attention/attention";
import { Dialog } from "./Dialog";
import { namesOf } from "./undo/names";

export function Missed({ attention }: { readonly attention: Attention }) {
  const it = useConsole();
  const missed = attention.missed.value;
  return (
    <Dialog title={t("missed.title")} onClose={() => attention.forgetMissed()}>
      <p class="quiet">{t("missed.lead")}</p>
      <ul class="actions">
        {missed.map(({ alert, wentAtMs }) => (
          <li key={alert.id} class="action">
            <p class="action-what">{alertText(alert, namesOf(it).titleOf)}</p>
            <p class="action-who">
              {wentAtMs === null
                ? t("missed.stands", { at: timeOfDay(alert.since_ms) })
                : t("missed.went", { at: timeOfDay(alert.since_ms), until: timeOfDay(wentAtMs) })}
            </p>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
