/** Which pool and room are shown. */

import { useEffect, useRef } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { go, where } from "../../address";
import type { PlacesKept } from "../places";

/** Another pool or room is another page: the choice there has the focus that it had here. */
let isChosen = false;

export function Choice({ places }: { readonly places: PlacesKept }) {
  const { pool, room } = where.value;
  const choice = useRef<HTMLSelectElement>(null);
  useEffect(() => {
    if (isChosen) choice.current?.focus();
    isChosen = false;
  }, []);
  const { pools, rooms } = places.value.value ?? { pools: [], rooms: [] };
  const named = pools.map((each) => each.pool);
  // One may be shown that the list does not have (yet).
  const shown = named.includes(pool) ? pools : [...pools, { pool, title: "" }];
  return (
    <label class="choice">
      <span class="visually-hidden">{t("shell.room")}</span>
      <select
        ref={choice}
        value={JSON.stringify([pool, room])}
        onFocus={() => void places.read()}
        onChange={(event) => {
          const [to = "", inRoom = ""] = JSON.parse(event.currentTarget.value) as string[];
          isChosen = true;
          go({ pool: to, room: inRoom });
        }}
      >
        {shown.map((each) => {
          const ofPool = rooms.filter((found) => found.pool === each.pool);
          const isMissing = each.pool === pool && room !== "" && !ofPool.some((found) => found.room === room);
          return (
            <optgroup key={each.pool} label={each.title || each.pool}>
              {ofPool.map((found) => (
                <option key={found.room} value={JSON.stringify([each.pool, found.room])}>
                  {found.title || found.room}
                </option>
              ))}
              {isMissing && <option value={JSON.stringify([pool, room])}>{room}</option>}
              <option value={JSON.stringify([each.pool, ""])}>
                {t("shell.pool_alone", { pool: each.title || each.pool })}
              </option>
            </optgroup>
          );
        })}
      </select>
    </label>
  );
}
