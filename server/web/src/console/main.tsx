/** The console: the page of those who run shows. It writes by HTTP (`api/`) and reads by the sockets of the pool and the room
 * (`live/`).
 *
 *   session.ts, address.ts   who is logged in; which pool, room and view are shown
 *   console.ts               what every part works with: one pool, perhaps a room, as it is now
 *   file/                    a spreadsheet that is dropped or chosen
 *   operations/              what an operator can do: each says what it will do in units, then does it (`Perform`)
 *   browserMemory.ts         what this browser keeps from one visit to the next
 *   unitPlaces.ts            what the places of units are called
 *   shell/                   what is around every view: login, navigation, what is in force, undo list, command line
 *   board/ before/ counts/ after/ ledger/ emergency/ help/   the views, and the help
 *
 * Each part keeps its words in its own en.json and zh.json, and its looks in its own CSS. */

import { effect } from "@preact/signals";
import { sayBroken } from "../shared/broken";
import { drawPage } from "../shared/draw";
import { startLanguageWith, t } from "../shared/i18n";
import { Login } from "./session";
import { titled } from "./shell/attention/attention";
import { Shell } from "./shell/Shell";
import { startTheme } from "./shell/theme";
import { wordsOf } from "./words";
import "../shared/theme.css";
import "../shared/tile.css";

async function start(page: HTMLElement): Promise<void> {
  startTheme();
  await startLanguageWith(wordsOf);
  effect(() => {
    document.title = titled(t("shell.title"));
  });
  const login = new Login();
  const refused = login.begin();
  drawPage(page, () => <Shell login={login} refused={refused} />, sayBroken);
}

const page = document.getElementById("page");
if (page !== null) void start(page);
