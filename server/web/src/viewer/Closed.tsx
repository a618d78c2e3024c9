/** The room is closed for good to this page: why, and what to do. */

import { t } from "../shared/i18n";
import { closedSentence } from "./model/reach";
import { useViewer } from "./model/viewer";
import "./closed.css";

export function Closed({ seen }: { seen: boolean }) {
  const { live, known, room } = useViewer();
  const { error } = live.connection.value;
  const because = closedSentence(error as { status?: unknown; code?: unknown; field?: unknown } | null, known.value);
  const lost = because === "closed.no_room";
  return (
    <section class="closed" data-full={seen ? undefined : ""} role="alert" aria-labelledby="closed-heading">
      <h2 id="closed-heading">
        {t(lost ? "closed.heading_no_room" : seen ? "closed.heading" : "closed.heading_refused")}
      </h2>
      <p>{t(because, { room, detail: error?.message ?? "" })}</p>
      {seen && <p>{t("closed.old")}</p>}
      <p class="closed-ways">
        {!lost && (
          <button type="button" class="plain" onClick={() => location.reload()}>
            {t("closed.reload")}
          </button>
        )}
        <a href="/">{t("closed.home")}</a>
      </p>
    </section>
  );
}
