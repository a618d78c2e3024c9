/** The view After: what a show came to, as it was counted, reported and can be looked at again. */

import { useComputed } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { t } from "../../shared/i18n";
import type { Listed, ShowItem } from "../api/schema";
import { type Console, useConsole } from "../console";
import { Desk, DeskProvider } from "../counts/desk";
import { ChoiceField } from "../counts/form/Fields";
import { Unread } from "../counts/Unread";
import { Kept } from "../live/kept";
import { goTo, here, linkTo, SHOW_TABS } from "./place";
import { Reconciliation } from "./reconciliation/Reconciliation";
import { ReportTab } from "./report/ReportTab";
import { readReports, readShows, reportText, showText } from "./shows";
import { SuggestedTab } from "./suggested/SuggestedTab";
import "../counts/counts.css";
import "../counts/form/form.css";
import "./after.css";

export function After() {
  const it = useConsole();
  const desk = useMemo(() => new Desk(it.login, it.pool, it), [it]);
  useEffect(() => desk.begin(), [desk]);
  return (
    <DeskProvider value={desk}>
      <div class="counts after">
        <h2 class="visually-hidden">{t("shell.view.after")}</h2>
        <Shows it={it} />
      </div>
    </DeskProvider>
  );
}

function Shows({ it }: { readonly it: Console }) {
  const shows = useMemo(() => new Kept(() => readShows(it)), [it]);
  const reports = useMemo(() => new Kept(() => readReports(it)), [it]);
  // Where no room is chosen, they are those of the rooms that the pool tells of.
  const rooms = useComputed(() => (it.room === "" ? it.live.rooms.value.map(({ room }) => room).join(" ") : "")).value;
  useEffect(() => {
    if (rooms !== "") shows.changed();
  }, [rooms, shows]);
  useEffect(() => {
    const end = it.live.onEvent(({ type }) => {
      if (type === "status") shows.changed();
      if (type === "status" || type === "report") reports.changed();
    });
    return () => {
      end();
      shows.close();
      reports.close();
    };
  }, [it, shows, reports]);
  const found = shows.want().value;
  const written = reports.want().value;
  const place = here();
  const show = found?.find((each) => each.show === place.show) ?? (place.show === "" ? found?.[0] : undefined);
  return (
    <>
      <Unread kept={shows} />
      {found !== null && found.length === 0 && (
        <p class="empty">{t(it.room === "" ? "after.no_show_anywhere" : "after.no_show")}</p>
      )}
      {found !== null && found.length > 0 && show === undefined && <p class="empty">{t("after.show.gone")}</p>}
      {found !== null && found.length > 0 && (
        <ChoiceField
          label={t("after.show")}
          value={show?.show ?? ""}
          choices={found.map((each) => [each.show, choiceText(each, it.room === "", written)] as const)}
          onValue={(chosen) => goTo({ show: chosen })}
        />
      )}
      {show !== undefined && <OneShow key={show.show} it={it} show={show} />}
    </>
  );
}

function choiceText(show: ShowItem, withRoom: boolean, reports: ReadonlyMap<string, Listed> | null): string {
  const said = showText(show, withRoom);
  return reports === null
    ? said
    : t("after.show.with_state", { show: said, state: reportText(reports.get(show.show)) });
}

interface ShowProps {
  readonly it: Console;
  readonly show: ShowItem;
}

const TABS: Readonly<Record<(typeof SHOW_TABS)[number], ComponentType<ShowProps>>> = {
  reconciliation: Reconciliation,
  report: ReportTab,
  suggested: SuggestedTab,
};

function OneShow({ it, show }: ShowProps) {
  const { tab } = here();
  const Shown = TABS[tab];
  return (
    <>
      <nav class="counts-tabs" aria-label={t("after.parts")}>
        {SHOW_TABS.map((each) => (
          <a key={each} href={linkTo({ show: show.show, tab: each })} aria-current={each === tab ? "page" : undefined}>
            {t(`after.tab.${each}`)}
          </a>
        ))}
      </nav>
      <Shown it={it} show={show} />
    </>
  );
}
