/** The pool and the room, whether it is on the air, who watches, the time, and whether what stands below is true. */

import { useNow, useSecond } from "../../../shared/clock";
import { closedBecause } from "../../../shared/closed";
import { age, count } from "../../../shared/format";
import { language, localeOf, t } from "../../../shared/i18n";
import { staleText } from "../../../shared/Stale";
import { type Console, useConsole } from "../../console";
import type { PlacesKept } from "../places";
import { Choice } from "./Choice";
import "./head.css";

export function Head({ places }: { readonly places: PlacesKept }) {
  const it = useConsole();
  const row = it.live.rooms.value.find(({ room }) => room === it.room);
  return (
    <div class="head">
      <h1>{t("shell.brand")}</h1>
      <Choice places={places} />
      {row && (
        <p class="head-status" data-status={row.status}>
          <span class="visually-hidden">{t("head.status")}: </span>
          {t(`status.${row.status}`)}
        </p>
      )}
      {row && <p class="head-viewers">{t("head.viewers", { count: row.viewers, shown: count(row.viewers) })}</p>}
      <Connection it={it} />
      <Clock />
    </div>
  );
}

function Clock() {
  const second = useSecond();
  const time = new Intl.DateTimeFormat(localeOf(language.value), { timeStyle: "medium" }).format(second.value);
  return (
    <p class="head-clock">
      <span class="visually-hidden">{t("head.clock")}: </span>
      {time}
    </p>
  );
}

/** Since when the pool's counts are not live, and why; the page's one live region tells it once. */
function Connection({ it }: { readonly it: Console }) {
  const { state, current, error } = it.live.connection.value;
  const ofRoom = it.stage?.connection.value;
  const now = useNow();
  if (error !== null) {
    const isNone = closedBecause(error) === "no_room";
    return (
      <p class="head-connection" data-state="closed">
        {isNone ? t("connection.no_pool") : t("connection.closed", { detail: error.message })}
      </p>
    );
  }
  if (!current) {
    const oldMs = it.live.pool.ageMs();
    const text =
      it.live.pool.heardAtMs === null ? t("connection.connecting") : t("connection.old", { age: age(oldMs) });
    return (
      <p class="head-connection" data-state={state === "closed" ? "closed" : "old"}>
        {text}
      </p>
    );
  }
  if (ofRoom !== undefined && !ofRoom.current) {
    return (
      <p class="head-connection" data-state="old">
        {staleText(ofRoom, now.value)}
      </p>
    );
  }
  return (
    <p class="head-connection" data-state="live">
      {t("connection.live")}
    </p>
  );
}
