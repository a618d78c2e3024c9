import { roomOfPath } from "../shared/access";
import { sayBroken } from "../shared/broken";
import { drawPage } from "../shared/draw";
import { startLanguage } from "../shared/i18n";
import "../shared/theme.css";
import en from "./en.json";
import { Home } from "./Home";
import { followRooms } from "./onAir";
import zh from "./zh.json";

startLanguage({ en, zh });
followRooms();
const place = document.getElementById("page");
if (place) drawPage(place, () => <Home sought={location.pathname === "/" ? null : roomOfPath()} />, sayBroken);
