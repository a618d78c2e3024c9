import type { Signal } from "@preact/signals";
import type { Access } from "../shared/access";
import { useSecond } from "../shared/clock";
import { count } from "../shared/format";
import { language, localeOf, t } from "../shared/i18n";
import { LanguageSwitch } from "../shared/LanguageSwitch";
import type { Live } from "../shared/live";
import { Stale } from "../shared/Stale";
import { LinkEnd } from "./LinkEnd";
import { roleOfToken } from "./role";

interface Props {
  readonly live: Live;
  readonly access: Access;
  readonly room: string;
  readonly shortcuts: Signal<boolean>;
}

/** The room, whether it is live, who watches, the time, and whether what stands below is true. */
export function Header({ live, access, room, shortcuts }: Props) {
  const status = live.status.value;
  return (
    <header class="head">
      <h1>{live.title.value || room}</h1>
      <p class="status" data-status={status}>
        {t(`status.${status}`)}
      </p>
      <p class="viewers">{t("viewers", { viewers: count(live.viewers.value) })}</p>
      <p class="time">
        <Time />
      </p>
      <div class="settings">
        <label>
          <input
            type="checkbox"
            checked={shortcuts.value}
            onChange={(event) => {
              shortcuts.value = event.currentTarget.checked;
            }}
          />
          {t("keys.on")}
        </label>
        {roleOfToken(access.current()) === "operator" && (
          <a class="to-console" href="/console">
            {t("console.open")}
          </a>
        )}
        <LanguageSwitch />
      </div>
      <div class="connection">
        <Stale live={live} />
      </div>
      <LinkEnd access={access} />
    </header>
  );
}

function Time() {
  const second = useSecond();
  return new Intl.DateTimeFormat(localeOf(language.value), { timeStyle: "short" }).format(second.value);
}
