/** Language, colours, and who is logged in. */

import { useRef } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { LanguageSwitch } from "../../../shared/LanguageSwitch";
import type { Login } from "../../session";
import { setTheme, THEMES, theme } from "../theme";
import "./settings.css";

export function Settings({ login }: { readonly login: Login }) {
  const place = useRef<HTMLDetailsElement>(null);
  const session = login.session.value;
  return (
    <details
      class="settings"
      ref={place}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !place.current?.open) return;
        event.preventDefault();
        place.current.open = false;
        place.current.querySelector("summary")?.focus();
      }}
      onFocusOut={(event) => {
        const to = event.relatedTarget;
        if (place.current && to instanceof Node && !place.current.contains(to)) place.current.open = false;
      }}
    >
      <summary>{t("shell.menu")}</summary>
      <div class="settings-over">
        {session && <p>{t("shell.user", { user: session.user, role: t(`role.${session.role}`) })}</p>}
        <LanguageSwitch />
        <Colours />
        <button type="button" onClick={() => void login.end()}>
          {t("shell.logout")}
        </button>
      </div>
    </details>
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
