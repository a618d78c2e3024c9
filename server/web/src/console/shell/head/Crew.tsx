/** Who else has the console open on this pool. */

import { count, timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { useConsole } from "../../console";
import { Over } from "../Over";

export function Crew() {
  const it = useConsole();
  const me = it.login.session.value;
  const people = it.live.crew.value.filter(({ role }) => role === "operator");
  const others = people.filter(({ user }) => user !== me?.user);
  const shown =
    others.length === 0 ? t("head.crew_alone") : t("head.crew", { count: others.length, shown: count(others.length) });
  const first = others[0] && (others.length > 1 ? `${others[0].user} …` : others[0].user);
  return (
    <Over label={first === undefined ? shown : t("head.crew_first", { shown, first })}>
      <ul aria-label={t("head.crew_here")}>
        {people.map(({ user, role, since_ms }) => (
          <li key={`${user} ${role}`}>
            {t(user === me?.user ? "head.crew_you" : "head.crew_since", {
              user,
              role: t(`role.${role}`),
              at: timeOrDate(since_ms),
            })}
          </li>
        ))}
      </ul>
    </Over>
  );
}
