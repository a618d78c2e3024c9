/** One strip, always there: what matters most now. A lost connection, the host's words, the state of the show. */

import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useNow } from "../shared/clock";
import { age, timeOrDate } from "../shared/format";
import { t } from "../shared/i18n";
import type { Notice } from "../shared/live";
import { whyText } from "../shared/why";
import { offAir } from "./model/sale";
import { useViewer } from "./model/viewer";
import { Unfold, useCut } from "./Unfold";
import "./strip.css";

export function Strip() {
  const { live, turnedAtMs } = useViewer();
  const { current } = live.connection.value;
  const notice = live.notice.value;
  const off = offAir(live.status.value);
  if (!current) return <Old />;
  const held = off === "ended" && live.reservations.value.length > 0;
  const show = off === null ? "" : t(held ? "strip.ended_held" : `strip.${off}`);
  if (notice !== null) {
    // Words that were said in a break hold in it. Those from before it, or from before this page, come second.
    const isNews = turnedAtMs.value !== null && notice.at_ms > turnedAtMs.value;
    const first = isNews ? "" : show;
    return <HostsWords key={`${notice.at_ms} ${first}`} notice={notice} off={isNews ? null : off} show={first} />;
  }
  if (off !== null) return <Line kind={off}>{show}</Line>;
  return <Line kind="quiet">{t(live.demonstration.value ? "page.demonstration" : "page.quiet")}</Line>;
}

/** How old the counts are, second by second; the voice says once that they are. */
function Old() {
  const { live } = useViewer();
  const now = useNow();
  const connection = live.connection.value;
  const { blind, oldSinceMs } = connection;
  if (oldSinceMs === null) return <Line kind="old">{t("strip.connecting")}</Line>;
  const key = blind ? "stale.blind" : "strip.reconnecting";
  const old = t(key, { age: age(Math.max(0, now.value - oldSinceMs)) });
  return <Line kind="old">{`${old} ${whyText(connection, now.value)}`.trimEnd()}</Line>;
}

/** With their time, and behind where the show is (`show`), if that is newer. Too long for two lines, a press unfolds it. */
function HostsWords({ notice, off, show }: { notice: Notice; off: string | null; show: string }) {
  const words = useRef<HTMLParagraphElement>(null);
  const folding = useCut(words);
  return (
    <div class="strip" data-kind={off ?? "notice"} data-open={folding.open.value ? "" : undefined}>
      <p class="strip-text" ref={words}>
        {show !== "" && <span class="strip-show">{show} </span>}
        <strong class="strip-label">
          {t("page.notice")} <time dateTime={new Date(notice.at_ms).toISOString()}>{timeOrDate(notice.at_ms)}</time>
        </strong>{" "}
        {notice.text}
      </p>
      <Unfold {...folding} words="page.notice" />
    </div>
  );
}

function Line({ kind, children }: { kind: string; children: ComponentChildren }) {
  return (
    <div class="strip" data-kind={kind}>
      <p class="strip-text">{children}</p>
    </div>
  );
}
