/** What is around every view. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { t } from "../../shared/i18n";
import { LanguageSwitch } from "../../shared/LanguageSwitch";
import { addressOf, go, VIEWS, where } from "../address";
import { type Answer, answerOf } from "../api/client";
import type { RoomList } from "../api/schema";
import { Before } from "../before/Before";
import { Board } from "../board/Board";
import { Console, ConsoleProvider, useConsole } from "../console";
import { Emergency } from "../emergency/Emergency";
import { Ledger } from "../ledger/Ledger";
import { problemText } from "../operations/problem";
import type { Login, Session } from "../session";
import { LogIn } from "./login/LogIn";
import "./shell.css";

interface Props {
  readonly login: Login;
  /** What stood against the link that the page was opened with. */
  readonly refused: Promise<Answer<Session> | null>;
}

const VIEW_OF = { board: Board, before: Before, ledger: Ledger, emergency: Emergency };

export function Shell({ login, refused }: Props) {
  const state = login.state.value;
  const session = login.session.value;
  const { pool, room } = where.value;
  if (state === "unknown") return <main class="console-wait" aria-busy="true" />;
  if (session === null) return <LogIn login={login} refused={refused} />;
  return (
    <>
      {state === "ended" && <LogIn login={login} refused={refused} again />}
      <Places login={login} session={session} />
      {pool !== "" && <Opened key={`${pool} ${room}`} login={login} pool={pool} room={room} />}
    </>
  );
}

/** Which pool and room there are to choose from; the first are chosen where none is. */
function Places({ login, session }: { readonly login: Login; readonly session: Session }) {
  const [rooms, setRooms] = useState<RoomList["rooms"]>([]);
  const [trouble, setTrouble] = useState("");
  const { pool, room } = where.value;
  useEffect(() => {
    void answerOf(login.api.GET("/v1/rooms")).then((answer) => {
      if (!answer.ok) {
        setTrouble(problemText(answer.problem, answer.status));
        return;
      }
      setRooms(answer.value.rooms);
      const first = answer.value.rooms.find((each) => pool === "" || each.pool === pool);
      if (pool === "" && first !== undefined) go({ pool: first.pool, room: first.room });
    });
  }, [login, session, pool]);
  return (
    <header class="console-head">
      <h1>{t("shell.title")}</h1>
      <label>
        {t("shell.room")}
        <select
          value={JSON.stringify([pool, room])}
          onChange={(event) => {
            const [to, inRoom] = JSON.parse(event.currentTarget.value) as [string, string];
            go({ pool: to, room: inRoom });
          }}
        >
          {rooms.map((each) => (
            <option key={each.room} value={JSON.stringify([each.pool, each.room])}>
              {each.title || each.room}
            </option>
          ))}
        </select>
      </label>
      {trouble !== "" && <p role="alert">{trouble}</p>}
      <LanguageSwitch />
      <span>{session.user}</span>
      <button type="button" onClick={() => void login.end()}>
        {t("shell.logout")}
      </button>
    </header>
  );
}

function Opened({ login, pool, room }: { readonly login: Login; readonly pool: string; readonly room: string }) {
  const it = useMemo(() => new Console(login, pool, room), []);
  useEffect(() => () => it.close(), []);
  const { view } = where.value;
  const View = VIEW_OF[view];
  return (
    <ConsoleProvider value={it}>
      <nav class="console-views" aria-label={t("shell.views")}>
        {VIEWS.map((each) => (
          <a key={each} href={addressOf({ pool, room, view: each })} aria-current={each === view ? "page" : undefined}>
            {t(`shell.view.${each}`)}
          </a>
        ))}
      </nav>
      <main>
        <View />
      </main>
      <LastSaid />
    </ConsoleProvider>
  );
}

/** What came of the last operation. */
function LastSaid() {
  const { doing } = useConsole();
  const said = doing.said.value[0];
  return (
    <p class="console-said" role="status" data-fault={said?.isFault ?? false}>
      {said?.text}
    </p>
  );
}
