/** Who is logged in, but with a role or for a room that this page is not for: where to go instead. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../../shared/i18n";
import { answerOf } from "../api/client";
import type { Login, Session } from "../session";
import { Settings } from "./head/Settings";
import "./login/login.css";

interface Props {
  readonly login: Login;
  readonly session: Session;
}

/** Roles that a host page opens for. */
const CREW: readonly string[] = ["host", "operator", "service"];

export function NotForYou({ login, session }: Props) {
  const isCrew = CREW.includes(session.role);
  const rooms = useRooms(login, session, isCrew);
  const why = session.role === "host" ? "login.host" : isCrew ? "login.room_alone" : `login.${session.role}`;
  return (
    <main class="login">
      <h1>{t("login.not_yours")}</h1>
      <p>{t("shell.user", { user: session.user, role: t(`role.${session.role}`) })}</p>
      <p>{t(why)}</p>
      {rooms.length > 0 && (
        <ul>
          {rooms.map(({ room, title }) => (
            <li key={room}>
              <a href={`/host/${encodeURIComponent(room)}`}>{t("login.host_page", { room: title || room })}</a>
            </li>
          ))}
        </ul>
      )}
      <Settings login={login} />
    </main>
  );
}

interface Shown {
  readonly room: string;
  readonly title: string;
}

/** Those of the session; of one for every room, those that everybody is told of: a host is told no list. */
function useRooms(login: Login, session: Session, isCrew: boolean): readonly Shown[] {
  const [onAir, setOnAir] = useState<readonly Shown[]>([]);
  useEffect(() => {
    if (!isCrew) return;
    void answerOf(login.api.GET("/v1/on-air")).then((answer) => {
      if (answer.ok) setOnAir(answer.value.rooms);
    });
  }, [login, session]);
  if (session.rooms === null) return onAir;
  return session.rooms.map((room) => ({ room, title: onAir.find((each) => each.room === room)?.title ?? "" }));
}
