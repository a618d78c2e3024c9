/** The page as a whole: what the room is, what is on the stage, what is the viewer's, what is on the shelf. */

import { useEffect } from "preact/hooks";
import { useNow } from "../shared/clock";
import { t } from "../shared/i18n";
import { whyText } from "../shared/why";
import { Closed } from "./Closed";
import { Header } from "./Header";
import { useViewer } from "./model/viewer";
import { Shelf } from "./Shelf";
import { StageView } from "./StageView";
import { Strip } from "./Strip";
import { Yours } from "./Yours";
import "./page.css";

export function Page() {
  const viewer = useViewer();
  const { live } = viewer;
  const { current, state, oldSinceMs } = live.connection.value;
  const turn = viewer.turns.value.find((hold) => hold.state === "active");
  const title = live.title.value || t("page.untitled");
  const seen = current || oldSinceMs !== null || live.shelf.value.length > 0;
  useEffect(() => {
    document.title =
      turn === undefined ? t("page.title", { title }) : t("page.title_turn", { product: viewer.titleOf(turn), title });
  });
  return (
    <div class="viewer" data-counts={current ? "current" : "old"}>
      {seen && (
        <nav class="skips" aria-label={t("page.skips")}>
          {turn !== undefined && <a href="#turn">{t("page.skip_turn")}</a>}
          <a href="#shelf">{t("page.skip_shelf")}</a>
          <a href="#yours">{t("page.skip_yours")}</a>
        </nav>
      )}
      <Header title={title} />
      <main>
        {state === "closed" && <Closed seen={seen} />}
        {seen && state !== "closed" && <Strip />}
        {seen && (
          <div class="columns">
            <StageView />
            <Yours />
            <Shelf />
          </div>
        )}
        {!seen && state !== "closed" && <Opening />}
        <Voices />
      </main>
    </div>
  );
}

/** Before the first snapshot. */
function Opening() {
  const { live } = useViewer();
  const now = useNow();
  return (
    <div class="opening" role="status">
      <p>{t("page.loading")}</p>
      <p class="why">{whyText(live.connection.value, now.value)}</p>
    </div>
  );
}

/** What a screen reader is told while the reader's place stays where it is. */
function Voices() {
  const { voice } = useViewer();
  return (
    <div class="visually-hidden">
      <p role="alert" data-voice="at-once">
        {voice.atOnce}
      </p>
      <p role="status" data-voice="own">
        {voice.own}
      </p>
      <p role="status" data-voice="room">
        {voice.room}
      </p>
    </div>
  );
}
