/** What the operator asks the host to say or do, until somebody has acknowledged it. */

import type { Cue } from "@shelfcast/client";
import { useSecond } from "../shared/clock";
import { columns } from "../shared/columns";
import { age, count } from "../shared/format";
import { t } from "../shared/i18n";
import type { Live } from "../shared/live";
import type { Acknowledging } from "./acknowledging";

/** A cue of more columns is set smaller, so that its button stays in sight. */
const LONG_COLUMNS = 90;

interface Props {
  readonly live: Live;
  readonly acknowledging: Acknowledging;
}

export function Cues({ live, acknowledging }: Props) {
  const cues = live.cues.value;
  return (
    <section class="cues" aria-labelledby="cues-title">
      <h2 id="cues-title">
        {cues.length < 2 ? t("cues.title") : t("cues.title.more", { waiting: count(cues.length) })}
      </h2>
      <ul aria-live="assertive" aria-relevant="additions">
        {cues.map((cue, index) => (
          <CueCard key={cue.id} live={live} acknowledging={acknowledging} cue={cue} first={index === 0} />
        ))}
      </ul>
      {cues.length === 0 && <p class="quiet">{t("cues.none")}</p>}
    </section>
  );
}

function CueCard({ live, acknowledging, cue, first }: Props & { cue: Cue; first: boolean }) {
  const about = cue.sku === null ? null : (live.sku(cue.sku).value?.title ?? cue.sku);
  return (
    <li class="cue">
      {about !== null && <p class="about">{about}</p>}
      <p class="text" data-long={columns(cue.text) > LONG_COLUMNS}>
        {cue.text}
      </p>
      <p class="foot">
        <Ago atMs={cue.at_ms} />
        {acknowledging.failed.value.has(cue.id) && <span role="alert">{t("cues.failed")}</span>}
        <button
          type="button"
          disabled={!live.connection.value.current}
          onClick={() => void acknowledging.acknowledge(cue.id)}
        >
          {t("cues.acknowledge")}
          {first && <kbd>A</kbd>}
        </button>
      </p>
    </li>
  );
}

/** Not told to screen readers again and again: the text was. */
function Ago({ atMs }: { atMs: number }) {
  const second = useSecond();
  return (
    <span class="ago" aria-hidden="true">
      {t("ago", { age: age(Math.max(0, second.value - atMs)) })}
    </span>
  );
}
