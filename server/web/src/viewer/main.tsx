/** The viewer page: /rooms/{room}. */

import { render } from "preact";
import { openAccess, roomOfPath } from "../shared/access";
import { startLanguage } from "../shared/i18n";
import { openRoom } from "../shared/live";
import { watchShown } from "../shared/resync";
import "../shared/theme.css";
import en from "./en.json";
import { Page } from "./Page";
import { Viewer, ViewerContext } from "./viewer";
import zh from "./zh.json";

startLanguage({ en, zh });
const room = roomOfPath();
const access = openAccess(room);
const live = openRoom({ room, access });
watchShown(() => live.resync());
const viewer = new Viewer(live, room, access, keptStorage());

const root = document.getElementById("page");
if (root !== null) {
  render(
    <ViewerContext.Provider value={viewer}>
      <Page />
    </ViewerContext.Provider>,
    root,
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
