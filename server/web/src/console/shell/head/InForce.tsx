/** What is in force, on top of every view: whoever has forgotten a freeze sees it. One line: nothing below moves by it. */

import { useEffect, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { addressOf, where } from "../../address";
import { type Console, useConsole } from "../../console";
import "./inforce.css";

interface Standing {
  readonly key: string;
  readonly text: string;
  readonly kind: "frozen" | "paused" | "notice";
}

export function InForce() {
  const it = useConsole();
  const frozen = useFrozenSkus(it);
  const standing = standingOf(it, frozen);
  const address = addressOf({ ...where.value, view: "emergency" });
  return (
    <section class="inforce" aria-label={t("force")}>
      {standing.length === 0 && <p class="inforce-none">{t("force.nothing")}</p>}
      <ul>
        {standing.map(({ key, text, kind }) => (
          <li key={key} data-kind={kind}>
            {kind === "notice" ? text : <a href={address}>{text}</a>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function standingOf(it: Console, frozen: readonly string[]): readonly Standing[] {
  const settings = it.kept.settings.want().value;
  const channels = it.kept.channels.want().value ?? [];
  const room = it.room === "" ? null : it.kept.room.want().value;
  const name = room?.title || it.room;
  const found: Standing[] = [];
  const freeze = (key: string, what: string) => found.push({ key, text: t("force.frozen", { what }), kind: "frozen" });
  if (settings?.frozen) freeze("pool", t("scope.pool"));
  if (room?.frozen) freeze("room", t("scope.room", { name }));
  for (const channel of channels)
    if (channel.frozen) freeze(`channel ${channel.channel}`, t("scope.channel", { name: channel.channel }));
  if (frozen.length === 1 && frozen[0] !== undefined) freeze("sku", it.titleOf(frozen[0]));
  if (frozen.length > 1) {
    const text = t("force.frozen_skus", { count: frozen.length, shown: count(frozen.length) });
    found.push({ key: "skus", text, kind: "frozen" });
  }
  for (const row of it.live.rooms.value) {
    if (row.status !== "paused") continue;
    const paused = row.room === it.room ? name : row.room;
    found.push({ key: `paused ${row.room}`, text: t("force.paused", { room: paused }), kind: "paused" });
  }
  const notice = it.stage?.notice.value;
  if (notice?.text) found.push({ key: "notice", text: t("force.notice", { text: notice.text }), kind: "notice" });
  return found;
}

/** The SKUs that are frozen: looked for among all of them when one was frozen or thawed, and at no other change. */
function useFrozenSkus(it: Console): readonly string[] {
  const [frozen, setFrozen] = useState<readonly string[]>([]);
  const isCurrent = it.live.connection.value.current;
  useEffect(() => {
    if (!isCurrent) return;
    const look = () => setFrozen([...it.live.pool.units.values()].filter((row) => row.frozen).map(({ sku }) => sku));
    look();
    // The rows of the units come by themselves, a moment before or after the event.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = it.live.onEvent(({ type }) => {
      if (type !== "frozen" && type !== "unfrozen") return;
      clearTimeout(timer);
      timer = setTimeout(look, ROWS_COME_MS);
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [it, isCurrent]);
  return frozen;
}

const ROWS_COME_MS = 300;
