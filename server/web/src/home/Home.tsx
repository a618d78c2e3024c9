import { t } from "../shared/i18n";
import { LanguageSwitch } from "../shared/LanguageSwitch";
import { type RoomOnAir, rooms, trouble } from "./onAir";
import "./home.css";

interface Props {
  /** The room that was asked for, by a name that none can have; null where the address is this page's own. */
  readonly sought: string | null;
}

/** Of a name that was asked for no more is shown: it may be anything. */
const SOUGHT_CHARACTERS_MAX = 80;

/** What is running here, and where to go from here. */
export function Home({ sought }: Props) {
  return (
    <main class="home">
      <header>
        <h1>Shelfcast</h1>
        <LanguageSwitch />
      </header>
      {sought !== null && (
        <p class="sought" role="alert">
          {t("no_room", { room: sought.slice(0, SOUGHT_CHARACTERS_MAX) })}
        </p>
      )}
      <Explanation />
      <h2>{t("on_air")}</h2>
      <Rooms />
      <h2>{t("server")}</h2>
      <ul class="addresses">
        <Address to="/v1/openapi.json" says={t("server.api")} />
        <Address to="/readyz" says={t("server.ready")} />
        <Address to="/healthz" says={t("server.health")} />
        <Address to="/metrics" says={t("server.metrics")} />
        <li>
          <code>{socketAddress()}</code>
          <span>{t("server.socket")}</span>
        </li>
      </ul>
    </main>
  );
}

/** Three lines: what this is, what it does at the moment, what to try. */
function Explanation() {
  const shown = rooms.value?.some((room) => room.open_house);
  return (
    <div class="lead">
      <p>{t("what")}</p>
      <p>{t(shown ? "now.demo" : "now")}</p>
      <p>{t(shown ? "try.demo" : "try")}</p>
    </div>
  );
}

function Rooms() {
  const found = rooms.value;
  return (
    <>
      <p class="unreachable" role="status">
        {whatIsWrong(trouble.value)}
      </p>
      {found?.length === 0 && <p>{t("on_air.none")}</p>}
      <ul class="rooms">
        {found?.map((room) => (
          <OneRoom key={room.room} room={room} />
        ))}
      </ul>
    </>
  );
}

function whatIsWrong(status: number | null): string {
  if (status === null) return "";
  return status === 0 ? t("unreachable") : t("refused", { status: String(status) });
}

function OneRoom({ room }: { room: RoomOnAir }) {
  const name = encodeURIComponent(room.room);
  return (
    <li>
      <h3>{room.title || room.room}</h3>
      <p class="name">
        <code>{room.room}</code>
        {room.demonstration && <span class="demonstration">{t("demonstration")}</span>}
      </p>
      <ul class="ways">
        <Way to={`/rooms/${name}`} called={t("page.viewer")} says={t("page.viewer.says")} />
        <Way to={`/overlay/${name}`} called={t("page.overlay")} says={t("page.overlay.says")} />
        <Way
          to={`/host/${name}`}
          called={t("page.host")}
          says={t(room.open_house ? "page.host.says" : "page.host.token")}
        />
        <Way
          to="/console"
          called={t("page.console")}
          says={t(room.open_house ? "page.console.says" : "page.console.login")}
        />
      </ul>
      {room.open_house && <ToTry />}
    </li>
  );
}

/** What to do in the console of the demonstration, beside whose shelf one sees it. */
function ToTry() {
  return (
    <div class="to-try">
      <p>{t("console.try")}</p>
      <ol>
        <li>{t("console.try.alert")}</li>
        <li>{t("console.try.batch")}</li>
        <li>{t("console.try.freeze")}</li>
        <li>{t("console.try.after")}</li>
      </ol>
    </div>
  );
}

function Way({ to, called, says }: { to: string; called: string; says: string }) {
  return (
    <li>
      <a href={to}>{called}</a>
      <span>{says}</span>
    </li>
  );
}

function Address({ to, says }: { to: string; says: string }) {
  return (
    <li>
      <a href={to}>
        <code>{to}</code>
      </a>
      <span>{says}</span>
    </li>
  );
}

function socketAddress(): string {
  return `${location.origin.replace(/^http/, "ws")}/v1/rooms/…/ws`;
}
