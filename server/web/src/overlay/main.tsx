/** The overlay page: reads its address, opens the room, and draws. It lives as long as OBS does. */

import { effect } from "@preact/signals";
import { render } from "preact";
import { openAccess, roomOfPath } from "../shared/access";
import { startLanguage } from "../shared/i18n";
import { openRoom } from "../shared/live";
import { watchShown } from "../shared/resync";
import { complain } from "./complain";
import { adoptCustomCss } from "./customcss";
import en from "./en.json";
import { Overlay } from "./Overlay";
import { type Appearance, readAppearance } from "./parameters";
import { MostSeen } from "./share";
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
  const live = openRoom({ room, access, backstage: true });
  watchShown(() => live.resync());
  const mostSeen = new MostSeen();
  // Products are watched before they are spotlit, or each would begin with a full bar.
  live.room.on("change", ({ skus }) => {
    for (const sku of skus === "all" ? live.room.stock.keys() : skus) {
      const view = live.room.stock.get(sku);
      if (view !== undefined) mostSeen.see(view);
    }
  });
  effect(() => {
    document.title = live.title.value || room;
  });
  render(
    <Overlay live={live} hadToken={access.kind.peek() === "link"} appearance={appearance} mostSeen={mostSeen} />,
    page,
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
