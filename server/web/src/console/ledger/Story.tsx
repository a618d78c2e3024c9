/** The whole story of a reservation, in words. */

import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../../shared/i18n";
import { unreadText } from "../operations/problem";
import type { Names } from "./entryWords";
import type { Searching } from "./search";
import { linesOf, standingOf } from "./storyWords";

export function Story({ searching, names }: { readonly searching: Searching; readonly names: Names }) {
  const id = searching.open.value;
  const story = searching.story.value;
  const fault = searching.storyFault.value;
  const title = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [id]);
  return (
    <section class="ledger-story" aria-labelledby={title} aria-busy={story === null && fault === null}>
      <h3 id={title} ref={heading} tabIndex={-1}>
        {t("ledger.story.of", { id })}
      </h3>
      {fault !== null && <p role="alert">{unreadText(fault.problem, fault.status)}</p>}
      {story !== null && (
        <>
          <p>{standingOf(story, names)}</p>
          {story.reservation === null && <p class="ledger-hint">{t("ledger.story.gone")}</p>}
          {story.archived_through !== null && <p class="ledger-hint">{t("ledger.story.archived")}</p>}
          <ol>
            {linesOf(story, names).map(({ key, atMs, says }) => (
              <li key={key}>
                <time dateTime={new Date(atMs).toISOString()}>{names.timeOf(atMs)}</time> {says}
              </li>
            ))}
          </ol>
          {!story.complete && (
            <p class="ledger-hint">{t(story.next === null ? "ledger.story.cut" : "ledger.story.more")}</p>
          )}
        </>
      )}
      <button type="button" onClick={() => searching.close()}>
        {t("ledger.story.close")}
      </button>
    </section>
  );
}
