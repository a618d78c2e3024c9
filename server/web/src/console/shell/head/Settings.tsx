/** Language, colours, and who is logged in. */

import { t } from "../../../shared/i18n";
import { LanguageSwitch } from "../../../shared/LanguageSwitch";
import type { Login } from "../../session";
import { Over } from "../Over";
import { setTheme, THEMES, theme } from "../theme";
import "./settings.css";

export function Settings({ login }: { readonly login: Login }) {
  const session = login.session.value;
  return (
    <Over label={t("shell.menu")}>
      <div class="settings">
        {session && <p>{t("shell.user", { user: session.user, role: t(`role.${session.role}`) })}</p>}
        <LanguageSwitch />
        <Colours />
        <button type="button" onClick={() => void login.end()}>
          {t("shell.logout")}
        </button>
      </div>
    </Over>
  );
}

function Colours() {
  return (
    <fieldset class="colours">
      <legend>{t("theme")}</legend>
      {THEMES.map((each) => (
        <label key={each}>
          <input
            type="radio"
            name="theme"
            value={each}
            checked={theme.value === each}
            onChange={() => setTheme(each)}
          />
          {t(`theme.${each}`)}
        </label>
      ))}
    </fieldset>
  );
}
