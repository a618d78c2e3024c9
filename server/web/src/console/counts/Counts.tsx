/** The view Counts of the console: count sheets, receipts, and what is looked at after a show. */

import { useEffect, useMemo } from "preact/hooks";
import { type Language, t } from "../../shared/i18n";
import { where } from "../address";
import { useConsole } from "../console";
import { later } from "../later";
import { Desk, DeskProvider } from "./desk";
import { Pages } from "./Pages";
import { linkTo, partOf, TABS, tabOf } from "./parts";

const AFTER = { en: () => import("./after/en.json"), zh: () => import("./after/zh.json") };
const AfterShow = later(
  async () => (await import("./after/AfterShow")).AfterShow,
  async (spoken: Language) => (await AFTER[spoken]()).default,
);

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
        </nav>
        {tab === "after" ? <AfterShow /> : <Pages part={part} />}
      </div>
    </DeskProvider>
  );
}
