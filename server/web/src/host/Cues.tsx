/** What the operator asks the host to say or do, until somebody has acknowledged it. */

import type { Cue } from "@shelfcast/client";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { LiveBackstage } from "../shared/backstage";
import { useSecond } from "../shared/clock";
import { columns } from "../shared/columns";
import { age, count } from "../shared/format";
import { t } from "../shared/i18n";
import type { Acknowledging } from "./acknowledging";

/** A cue of more columns is set smaller, so that its button stays in sight. */
const LONG_COLUMNS = 90;

interface Props {
  readonly live: LiveBackstage;
  readonly acknowledging: Acknowledging;
}

export function Cues({ live, acknowledging }: Props) {
  const cues = live.cues.value;
  return (
    <section class="cues" aria-labelledby="cues-title">
      <h2 id="cues-title" tabIndex={-1}>
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
  const button = useRef<HTMLButtonElement>(null);
  // Whoever acknowledges with the keyboard goes on to the next cue. Before the card is gone, and the focus with it.
  useLayoutEffect(() => {
    const own = button.current;
    return () => {
      if (own !== null && own === document.activeElement) passFocusOn(own);
    };
  }, []);
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
          ref={button}
          type="button"
          disabled={!live.connection.value.current}
          onKeyDown={ignoreHeldEnter}
          onClick={() => void acknowledging.acknowledge(cue.id)}
        >
          {t("cues.acknowledge")}
          {first && <kbd>A</kbd>}
        </button>
      </p>
    </li>
  );
}

/** To the button of the cue after it, or of the one before, or to the heading where it was the last. */
function passFocusOn(button: HTMLButtonElement): void {
  const card = button.closest("li");
  const next = (card?.nextElementSibling ?? card?.previousElementSibling)?.querySelector("button:enabled");
  const heading = button.closest("section")?.querySelector("h2");
  const to = next ?? heading;
  if (to instanceof HTMLElement) to.focus();
}

/** A key that is held down presses once, not every cue as it moves up. */
function ignoreHeldEnter(event: KeyboardEvent): void {
  if (event.repeat && event.key === "Enter") event.preventDefault();
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
