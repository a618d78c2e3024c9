import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { LanguageSwitch } from "../shared/LanguageSwitch";
import { type RoomOnAir, rooms, unreachable } from "./onAir";
import "./home.css";

/** What is running here, and where to go from here. */
export function Home() {
  return (
    <main class="home">
      <header>
        <h1>Shelfcast</h1>
        <LanguageSwitch />
      </header>
      <p class="lead">{t("what")}</p>
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

function Rooms() {
  const found = rooms.value;
  return (
    <>
      <p class="unreachable" role="status">
        {unreachable.value ? t("unreachable") : ""}
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

function OneRoom({ room }: { room: RoomOnAir }) {
  const name = encodeURIComponent(room.room);
  return (
    <li>
      <h3>{room.title || room.room}</h3>
      <p class="facts">
        <code>{room.room}</code> {t("viewers", { count: room.viewers, n: count(room.viewers) })}
      </p>
      {room.demonstration && <p>{t("demonstration")}</p>}
      <ul class="ways">
        <li>
          <a href={`/rooms/${name}`}>{t("page.viewer")}</a>
          <span>{t("page.viewer.says")}</span>
        </li>
        <li>
          <a href={`/overlay/${name}`}>{t("page.overlay")}</a>
          <span>{t("page.overlay.says")}</span>
        </li>
        <li>
          <a href={`/host/${name}`}>{t("page.host")}</a>
          <span>{t(room.open_house ? "page.host.open" : "page.host.token")}</span>
        </li>
      </ul>
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
