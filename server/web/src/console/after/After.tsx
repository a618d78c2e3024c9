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
import { ArchiveTab } from "./archive/ArchiveTab";
import { DaysTab } from "./days/DaysTab";
import { goTo, here, linkTo, POOL_TABS, SHOW_TABS } from "./place";
import { Reconciliation } from "./reconciliation/Reconciliation";
import { ReplayTab } from "./replay/ReplayTab";
import { ReportTab } from "./report/ReportTab";
import { REPORT_READY, readReports, readShows, reportText, showText } from "./shows";
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
        <Shown it={it} />
      </div>
    </DeskProvider>
  );
}

/** A show and what there is of it, or what there is of the whole pool. */
function Shown({ it }: { readonly it: Console }) {
  const { tab } = here();
  if (tab === "days" || tab === "archive") {
    return (
      <>
        <Tabs show={here().show} />
        {tab === "days" ? <DaysTab it={it} /> : <ArchiveTab it={it} />}
      </>
    );
  }
  return <Shows it={it} />;
}

/** The parts of a show, and behind them those of the pool. */
function Tabs({ show }: { readonly show: string }) {
  const { tab } = here();
  return (
    <nav class="counts-tabs" aria-label={t("after.parts")}>
      {[...SHOW_TABS, ...POOL_TABS].map((each) => (
        <a key={each} href={linkTo({ show, tab: each })} aria-current={each === tab ? "page" : undefined}>
          {t(`after.tab.${each}`)}
        </a>
      ))}
    </nav>
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
      if (type === "status" || type === REPORT_READY) reports.changed();
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
  // Where none is chosen, it is the last one that one can look back at.
  const last = found?.find(({ ended_at_ms }) => ended_at_ms !== null) ?? found?.[0];
  const show = found?.find((each) => each.show === place.show) ?? (place.show === "" ? last : undefined);
  return (
    <>
      <Tabs show={show?.show ?? place.show} />
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

const OF_SHOW: Readonly<Record<(typeof SHOW_TABS)[number], ComponentType<ShowProps>>> = {
  reconciliation: Reconciliation,
  report: ReportTab,
  suggested: SuggestedTab,
  replay: ReplayTab,
};

function OneShow({ it, show }: ShowProps) {
  const { tab } = here();
  const known = SHOW_TABS.find((each) => each === tab) ?? SHOW_TABS[0];
  const Part = OF_SHOW[known];
  return <Part it={it} show={show} />;
}
