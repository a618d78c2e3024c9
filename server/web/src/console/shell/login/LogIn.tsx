/** The way in: a name and a password, or the link that one was given. */

import { useEffect, useRef, useState } from "preact/hooks";
import { age } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { LanguageSwitch } from "../../../shared/LanguageSwitch";
import type { Answer } from "../../api/client";
import { unreadText } from "../../operations/problem";
import type { Login, Session } from "../../session";
import { Dialog } from "../Dialog";
import "./login.css";

interface Props {
  readonly login: Login;
  readonly refused: Promise<Answer<Session> | null>;
}

/** The page of who is not logged in. */
export function LogIn({ login, refused }: Props) {
  const [ofLink, setOfLink] = useState("");
  useEffect(() => {
    void refused.then((answer) => setOfLink(answer === null ? "" : faultText(answer, "login.link_wrong")));
  }, [refused]);
  return (
    <main class="login">
      <div class="login-head">
        <h1>{t("login.title")}</h1>
        <LanguageSwitch />
      </div>
      <p class="login-fault" role="alert">
        {ofLink}
      </p>
      <Form login={login} />
      <p>{t("login.link")}</p>
    </main>
  );
}

/** Over the page when a session is over: what was typed there stays, and goes on after it. */
export function LogInAgain({ login }: { readonly login: Login }) {
  return (
    <Dialog title={t("login.title")}>
      <p>{t("login.again")}</p>
      <Form login={login} name={login.session.peek()?.user ?? ""} />
    </Dialog>
  );
}

const PASSWORD = "input[type=password]";

function Form({ login, name = "" }: { readonly login: Login; readonly name?: string }) {
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // What is known already need not be gone through.
    form.current?.querySelector<HTMLInputElement>(name === "" ? "input" : PASSWORD)?.focus();
  }, []);
  const enter = async () => {
    if (form.current === null) return;
    const given = new FormData(form.current);
    setBusy(true);
    const answer = await login.withPassword(String(given.get("name")).trim(), String(given.get("password")));
    setBusy(false);
    setFault(faultText(answer, "login.wrong"));
    if (!answer.ok) form.current?.querySelector<HTMLInputElement>(PASSWORD)?.focus();
  };
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        void enter();
      }}
    >
      <label>
        {t("login.name")}
        <input
          name="name"
          autocomplete="username"
          autocapitalize="off"
          spellcheck={false}
          defaultValue={name}
          required
        />
      </label>
      <label>
        {t("login.password")}
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      <p class="login-fault" role="alert">
        {fault}
      </p>
      <button type="submit" class="main" disabled={busy}>
        {t("login.enter")}
      </button>
    </form>
  );
}

/** Why one is not let in; "" where one is. */
function faultText(answer: Answer<Session>, wrong: string): string {
  if (answer.ok) return "";
  if (answer.status === 401) return t(wrong);
  if (answer.status === 429) return t("login.wait", { wait: age(answer.problem.retry_after_ms ?? 0) });
  if (answer.status === 403 && answer.problem.field === "role") return t("login.link_of_viewer");
  return unreadText(answer.problem, answer.status);
}
