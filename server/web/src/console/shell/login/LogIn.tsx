/** The way in: a name and a password, or the link that one was given; in the demonstration, a button. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { LanguageSwitch } from "../../../shared/LanguageSwitch";
import type { Answer } from "../../api/client";
import { problemText } from "../../operations/problem";
import type { Login, Session } from "../../session";
import "./login.css";

interface Props {
  readonly login: Login;
  readonly refused: Promise<Answer<Session> | null>;
  /** The session is over: what was typed below is still there. */
  readonly again?: boolean;
}

export function LogIn({ login, refused, again = false }: Props) {
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    void refused.then((answer) => answer && !answer.ok && setFault(problemText(answer.problem, answer.status)));
  }, [refused]);
  const entered = async (answer: Promise<Answer<Session>>) => {
    setBusy(true);
    const came = await answer;
    setBusy(false);
    setFault(came.ok ? "" : problemText(came.problem, came.status));
  };
  return (
    <main class="login">
      <h1>{t("login.title")}</h1>
      <LanguageSwitch />
      {again && <p role="status">{t("login.again")}</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const given = new FormData(event.currentTarget);
          void entered(login.withPassword(String(given.get("name")), String(given.get("password"))));
        }}
      >
        <label>
          {t("login.name")}
          <input name="name" autocomplete="username" required />
        </label>
        <label>
          {t("login.password")}
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <button type="submit" class="main" disabled={busy}>
          {t("login.enter")}
        </button>
      </form>
      <p class="login-fault" role="alert">
        {fault}
      </p>
      <p>{t("login.link")}</p>
    </main>
  );
}
