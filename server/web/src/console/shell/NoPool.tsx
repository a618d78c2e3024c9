/** A server without a pool: the first one is made here, and its larger differences take two signatures. */

import { useId, useState } from "preact/hooks";
import { t } from "../../shared/i18n";
import { go } from "../address";
import { answerOfWrite } from "../api/client";
import { problemText } from "../operations/problem";
import type { Login } from "../session";
import { Settings } from "./head/Settings";
import "./login/login.css";

/** Of pools that are made here. The same as the server gives to a count where its pool says nothing. */
const SIGN_OVER_UNITS = 10;

export function NoPool({ login, onMade }: { readonly login: Login; readonly onMade: () => void }) {
  const [fault, setFault] = useState("");
  const hint = useId();
  return (
    <main class="login">
      <h1>{t("shell.no_pool")}</h1>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          const pool = String(new FormData(event.currentTarget).get("pool"));
          const params = { path: { pool } };
          const body = { sign_over_units: SIGN_OVER_UNITS };
          const answer = await answerOfWrite(() => login.api.PUT("/v1/pools/{pool}", { params, body }));
          setFault(answer.ok ? "" : problemText(answer.problem, answer.status));
          if (!answer.ok) return;
          onMade();
          go({ pool, room: "", view: "before" });
        }}
      >
        <label>
          {t("shell.no_pool.name")}
          <input name="pool" required maxLength={64} pattern="[a-z0-9_\-]+" aria-describedby={hint} />
        </label>
        <p id={hint} class="quiet">
          {t("shell.no_pool.hint")}
        </p>
        <button type="submit" class="main">
          {t("shell.no_pool.make")}
        </button>
      </form>
      <p class="login-fault" role="alert">
        {fault}
      </p>
      <Settings login={login} />
    </main>
  );
}
