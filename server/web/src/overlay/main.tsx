/** The overlay page: reads its address, opens the room, and draws. It lives as long as OBS does. */

import { effect } from "@preact/signals";
import { openAccess, roomOfPath } from "../shared/access";
import { openBackstage } from "../shared/backstage";
import { drawPage } from "../shared/draw";
import { startLanguage } from "../shared/i18n";
import { watchShown } from "../shared/resync";
import { closedText } from "../shared/Stale";
import { complain } from "./complain";
import { adoptCustomCss } from "./customcss";
import en from "./en.json";
import { Overlay } from "./Overlay";
import { outlast } from "./outlast";
import { type Appearance, readAppearance } from "./parameters";
import zh from "./zh.json";
import "./overlay.css";
import "./product.css";
import "./beside.css";
import "./motion.css";

function start(page: HTMLElement): void {
  const room = roomOfPath();
  const access = openAccess(room, "none");
  startLanguage({ en, zh });
  const { appearance, complaints } = readAppearance(new URLSearchParams(location.search));
  complaints.forEach(complain);
  paint(appearance);
  adoptCustomCss();
  const hadToken = access.kind.peek() === "link";
  const { shown, latest } = outlast(
    openBackstage({ room, access }),
    () => openBackstage({ room }),
    (error) => complain(closedText(error, hadToken)),
  );
  watchShown(() => latest().resync());
  effect(() => {
    document.title = shown.value.title.value || room;
  });
  // What is drawn follows its room: of another one it is made anew.
  const Shown = () => {
    const live = shown.value;
    return <Overlay key={live} live={live} hadToken={hadToken} appearance={appearance} />;
  };
  // On the stream nothing is better than what may not be true.
  drawPage(
    page,
    () => <Shown />,
    () => complain("the picture cannot be drawn; trying again"),
  );
}

/** Colours and size of the address, over those of the style sheet. Through the CSSOM: the page's policy allows that. */
function paint({ accent, text, panel, scale }: Appearance): void {
  const { style } = document.documentElement;
  if (accent !== null) style.setProperty("--overlay-accent", accent);
  if (text !== null) style.setProperty("--overlay-text", text);
  if (panel !== null) style.setProperty("--overlay-panel", panel);
  if (scale !== 1) style.setProperty("--overlay-scale", String(scale));
}

const page = document.getElementById("page");
if (page !== null) start(page);
