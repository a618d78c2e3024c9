/** The view Counts of the console: count sheets and receipts. */

import { useEffect, useMemo } from "preact/hooks";
import { t } from "../../shared/i18n";
import { addressOf, where } from "../address";
import { useConsole } from "../console";
import { Desk, DeskProvider } from "./desk";
import { Pages } from "./Pages";
import { linkTo, partOf, TABS, tabOf } from "./parts";

export function Counts() {
  const it = useConsole();
  const desk = useMemo(() => new Desk(it.login, it.pool, it), [it]);
  useEffect(() => desk.begin(), [desk]);
  const part = partOf(where.value.part ?? "");
  const tab = tabOf(part);
  return (
    <DeskProvider value={desk}>
      <div class="counts">
        <h2 class="visually-hidden">{t("shell.view.counts")}</h2>
        <nav class="counts-tabs" aria-label={t("counts.parts")}>
          {TABS.map((each) => (
            <a key={each} href={linkTo({ kind: each })} aria-current={each === tab ? "page" : undefined}>
              {t(`counts.tab.${each}`)}
            </a>
          ))}
          <a href={addressOf({ pool: it.pool, room: it.room, view: "after" })}>{t("counts.to_after")}</a>
        </nav>
        <Pages part={part} />
      </div>
    </DeskProvider>
  );
}
