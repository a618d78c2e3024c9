/** The host page: reads its link, opens the room backstage, and draws. */

import { effect } from "@preact/signals";
import { openAccess, roomOfPath } from "../shared/access";
import { openBackstage } from "../shared/backstage";
import { sayBroken } from "../shared/broken";
import { drawPage } from "../shared/draw";
import { startLanguage } from "../shared/i18n";
import type { Live } from "../shared/live";
import { watchShown } from "../shared/resync";
import { SNOOZE_MINUTES } from "../staff/alerts";
import { STAFF_WORDS } from "../staff/words";
import { Acknowledging } from "./acknowledging";
import en from "./en.json";
import { Host } from "./Host";
import { Stepper } from "./stepper";
import { Trends } from "./trend";
import zh from "./zh.json";
import "../shared/theme.css";
import "../shared/tile.css";
import "./host.css";
import "./header.css";
import "./current.css";
import "./said.css";
import "./runorder.css";
import "./steps.css";
import "./noaccess.css";
// The last word: what is different on a desk and on a phone.
import "./sizes.css";

function start(page: HTMLElement): void {
  const room = roomOfPath();
  const access = openAccess(room, "host");
  startLanguage({ en: { ...STAFF_WORDS.en, ...en }, zh: { ...STAFF_WORDS.zh, ...zh } });
  const live = openBackstage({ room, access });
  watchShown(() => live.resync());
  const trends = followTrends(live);
  const stepper = new Stepper((sku) => live.room.operator.spotlight(sku));
  const acknowledging = new Acknowledging(
    (cue) => live.room.operator.acknowledge(cue),
    () => live.connection.peek().current,
  );
  const { operator } = live.room;
  const isCurrent = () => live.connection.peek().current;
  const noting = new Acknowledging((alert) => operator.acknowledgeAlert(alert), isCurrent);
  const snoozing = new Acknowledging((alert) => operator.snoozeAlert(alert, SNOOZE_MINUTES), isCurrent);
  effect(() => acknowledging.keep(live.cues.value));
  effect(() => {
    for (const answering of [noting, snoozing]) answering.keep(live.alerts.value);
  });
  effect(() => {
    document.title = live.title.value || room;
  });
  drawPage(
    page,
    () => <Host {...{ live, access, room, stepper, acknowledging, noting, snoozing, trends }} />,
    sayBroken,
  );
}

function followTrends({ room, connection }: Live): Trends {
  const trends = new Trends();
  room.on("change", ({ skus }) => {
    if (!room.current) return;
    if (skus === "all") trends.noteAll(room);
    else trends.note(room, skus);
  });
  effect(() => {
    if (!connection.value.current) trends.lost(room);
  });
  return trends;
}

const page = document.getElementById("page");
if (page !== null) start(page);
