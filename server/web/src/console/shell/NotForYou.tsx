/** Who is logged in, but with a role or for a room that this page is not for: where to go instead. */

import { useEffect, useMemo } from "preact/hooks";
import { t } from "../../shared/i18n";
import type { Login, Session } from "../session";
import { Settings } from "./head/Settings";
import { PlacesKept } from "./places";

interface Props {
  readonly login: Login;
  readonly session: Session;
}

export function NotForYou({ login, session }: Props) {
  const places = useMemo(() => new PlacesKept(login), [login]);
  const isHost = session.role === "host";
  const isCrew = isHost || session.role === "operator" || session.role === "service";
  useEffect(() => {
    if (isCrew && session.rooms === null) void places.read();
  }, [session]);
  const found = (places.value.value?.rooms ?? []).map(({ room, title }) => ({ room, title: title || room }));
  const rooms = session.rooms?.map((room) => ({ room, title: room })) ?? found;
  const why = isHost ? "login.host" : isCrew ? "login.room_alone" : `login.${session.role}`;
  return (
    <main class="login">
      <h1>{t("login.not_yours")}</h1>
      <p>{t("shell.user", { user: session.user, role: t(`role.${session.role}`) })}</p>
      <p>{t(why)}</p>
      {isCrew && (
        <ul>
          {rooms.map(({ room, title }) => (
            <li key={room}>
              <a href={`/host/${encodeURIComponent(room)}`}>{t("login.host_page", { room: title })}</a>
            </li>
          ))}
        </ul>
      )}
      <Settings login={login} />
    </main>
  );
}
