/** One strip, always there: what matters most now. A lost connection, the host's words, the state of the show. */

import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useNow } from "../shared/clock";
import { age } from "../shared/format";
import { t } from "../shared/i18n";
import { offAir } from "./sale";
import { Unfold, useCut } from "./Unfold";
import { useViewer } from "./viewer";
import "./strip.css";

export function Strip() {
  const { live } = useViewer();
  const { current } = live.connection.value;
  const notice = live.notice.value;
  const off = offAir(live.status.value);
  if (!current) return <Old />;
  if (notice !== null) return <HostsWords key={notice.at_ms} text={notice.text} />;
  if (off === "ended" && live.reservations.value.length > 0) return <Line kind={off}>{t("strip.ended_held")}</Line>;
  if (off !== null) return <Line kind={off}>{t(`strip.${off}`)}</Line>;
  return <Line kind="quiet">{t(live.demonstration.value ? "page.demonstration" : "page.quiet")}</Line>;
}

/** How old the counts are, second by second; the voice says once that they are. */
function Old() {
  const { live } = useViewer();
  const now = useNow();
  const { blind, oldSinceMs } = live.connection.value;
  if (oldSinceMs === null) return <Line kind="old">{t("strip.connecting")}</Line>;
  const key = blind ? "stale.blind" : "strip.reconnecting";
  return <Line kind="old">{t(key, { age: age(Math.max(0, now.value - oldSinceMs)) })}</Line>;
}

/** What is too long for two lines is unfolded by a press. */
function HostsWords({ text }: { text: string }) {
  const words = useRef<HTMLParagraphElement>(null);
  const folding = useCut(words);
  return (
    <div class="strip" data-kind="notice" data-open={folding.open.value ? "" : undefined}>
      <p class="strip-text" ref={words}>
        <strong class="strip-label">{t("page.notice")}</strong> {text}
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
