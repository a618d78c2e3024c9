import { render } from "preact";
import { roomOfPath } from "../shared/access";
import { startLanguage } from "../shared/i18n";
import "../shared/theme.css";
import en from "./en.json";
import { Home } from "./Home";
import { followRooms } from "./onAir";
import zh from "./zh.json";

startLanguage({ en, zh });
followRooms();
const place = document.getElementById("page");
if (place) render(<Home sought={location.pathname === "/" ? null : roomOfPath()} />, place);
