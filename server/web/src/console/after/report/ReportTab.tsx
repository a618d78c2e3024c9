/** The report of a show: what it is as of, and its parts; or why there is none, and when it comes. */

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { dateAndTime } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { Report, ReportState, ShowItem } from "../../api/schema";
import type { Console } from "../../console";
import { ChoiceField } from "../../counts/form/Fields";
import { Kept } from "../../live/kept";
import { Perform } from "../../operations/Perform";
import { Downloads } from "../downloads/Downloads";
import { here, linkTo } from "../place";
import { REPORT_READY } from "../shows";
import { SkuPage } from "../sku/SkuPage";
import { AwayText } from "./AwayText";
import { writeNow } from "./operations";
import { ReportParts } from "./ReportParts";
import { readReport } from "./reading";
import { noReportText, stateText } from "./sentences";

/** How often it is asked for while it is on its way, in ms. */
const ASKED_EVERY_MS = 3_000;
const NOT_FOUND = 404;

interface Props {
  readonly it: Console;
  readonly show: ShowItem;
}

interface Drawn {
  readonly draw: (report: Report) => preact.JSX.Element;
  /** What stands with its state. */
  readonly beside?: (report: Report) => ComponentChildren;
}

/** The report that is shown, kept up to date; `draw` draws what it says. */
export function WithReport({ it, show, draw, beside }: Props & Drawn) {
  const [wanted, want] = useState<ReportState | null>(null);
  const kept = useMemo(() => new Kept(() => readReport(it, show.show, wanted)), [it, show.show, wanted]);
  useEffect(() => {
    const end = it.live.onEvent(({ type, subject }) => {
      if (type === REPORT_READY && subject === show.show) kept.changed();
    });
    return () => {
      end();
      kept.close();
    };
  }, [it, kept, show.show]);
  useEffect(() => kept.changed(), [kept, show.ended_at_ms, show.continued]);
  // While it is on there is none.
  const isOn = show.ended_at_ms === null;
  const report = isOn ? null : kept.want().value;
  const trouble = kept.trouble.value;
  const isComing = !isOn && trouble === NOT_FOUND;
  useEffect(() => {
    if (!isComing) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") kept.changed();
    }, ASKED_EVERY_MS);
    return () => clearInterval(timer);
  }, [isComing, kept]);
  const which = (
    <ChoiceField
      label={t("after.report.which")}
      value={wanted ?? ""}
      choices={[
        ["", t("after.report.newest")],
        ["provisional", t("after.state.provisional")],
        ["final", t("after.state.final")],
      ]}
      onValue={(value) => want(value === "" ? null : (value as ReportState))}
    />
  );
  if (isOn || trouble === NOT_FOUND) {
    return (
      <section class="card" aria-label={t("after.tab.report")}>
        <p role="status">{noReportText(show)}</p>
        {/* Who asked for one that there is not gets back to the one that there is. */}
        {!isOn && wanted !== null && <div class="report-tools">{which}</div>}
        {!isOn && <Perform operation={writeNow(it, show.show)} onDone={() => kept.changed()} />}
      </section>
    );
  }
  return (
    <>
      <AwayText trouble={trouble} onAgain={() => void kept.now()} />
      {report === null && trouble === null && <p aria-busy="true">{t("after.report.reading")}</p>}
      {report !== null && (
        <>
          <section class="card report-state" aria-label={t("after.report.state")} data-state={report.state}>
            <div class="card-head">
              <span class="badge" data-state={report.state === "final" ? "applied" : "differs"}>
                {t(`after.state.${report.state}`)}
              </span>
              <strong>{stateText(report)}</strong>
            </div>
            <p class="quiet">
              {t("after.report.as_of", {
                at: dateAndTime(report.at_ms),
                seq: String(report.seq),
                checksum: report.checksum.slice(0, 12),
              })}
            </p>
            {report.totals.pending > 0 && (
              <p class="quiet">
                <a href={linkTo({ show: show.show, tab: "reconciliation" })}>{t("after.pending.which")}</a>
              </p>
            )}
            <div class="report-tools">
              {which}
              <button type="button" onClick={() => void kept.now()}>
                {t("after.again")}
              </button>
            </div>
            {beside?.(report)}
            {report.state === "provisional" && (
              <Perform operation={writeNow(it, show.show)} onDone={() => kept.changed()} />
            )}
          </section>
          {draw(report)}
        </>
      )}
    </>
  );
}

export function ReportTab(props: Props) {
  const { it } = props;
  const { detail } = here();
  return (
    <WithReport
      {...props}
      beside={(report) => detail === "" && <Downloads report={report} />}
      draw={(report) =>
        detail !== "" ? (
          <SkuPage it={it} report={report} sku={detail} />
        ) : (
          <ReportParts report={report} titleOf={(sku) => it.titleOf(sku)} />
        )
      }
    />
  );
}
