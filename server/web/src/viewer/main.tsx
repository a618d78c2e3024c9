/** The viewer page: /rooms/{room}. */

import { openAccess, roomOfPath } from "../shared/access";
import { sayBroken } from "../shared/broken";
import { drawPage } from "../shared/draw";
import { startLanguage } from "../shared/i18n";
import { openRoom } from "../shared/live";
import { watchShown } from "../shared/resync";
import "../shared/theme.css";
import "../shared/tile.css";
import en from "./en.json";
import { Viewer, ViewerContext } from "./model/viewer";
import { Page } from "./Page";
import zh from "./zh.json";

startLanguage({ en, zh });
const room = roomOfPath();
const access = openAccess(room);
const live = openRoom({ room, access });
watchShown(() => live.resync());
const viewer = new Viewer(live, room, access, keptStorage());

const root = document.getElementById("page");
if (root !== null) {
  drawPage(
    root,
    () => (
      <ViewerContext.Provider value={viewer}>
        <Page />
      </ViewerContext.Provider>
    ),
    sayBroken,
  );
}

/** A browser that keeps nothing throws at the mere mention. */
function keptStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
