/** What happened since one was last here, the show began, or a time that one chooses. */

import type { ActionRow } from "@shelfcast/client/pool";
import { useEffect, useMemo, useState } from "preact/hooks";
import { serverNowMs } from "../../../shared/clock";
import { count, timeOfDay, timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { answerOf } from "../../api/client";
import { type Console, useConsole } from "../../console";
import { namesOf } from "../undo/names";
import { earlierEvents } from "./earlier";
import { happened, TOLD_MAX } from "./happened";
import "./since.css";

const MINUTE_MS = 60_000;
const MINUTES = [15, 60, 240] as const;

/** Where to begin: a moment, or "HH:MM" of the last day. */
interface Choice {
  readonly name: string;
  readonly label: string;
  readonly atMs: number;
}

export function Since({ leftAtMs }: { readonly leftAtMs: number | null }) {
  const it = useConsole();
  const [openedAtMs] = useState(serverNowMs);
  const beganMs = useShowBegin(it);
  const choices = choicesOf(leftAtMs, beganMs, openedAtMs);
  const [chosen, choose] = useState(choices[0]?.name ?? "");
  const [time, setTime] = useState("");
  const sinceMs =
    chosen === "time" ? momentOf(time, openedAtMs) : (choices.find(({ name }) => name === chosen)?.atMs ?? openedAtMs);
  const told = it.live.actions.value;
  const [earlier, setEarlier] = useState<{ events: readonly ActionRow[]; complete: boolean; sinceMs: number } | null>(
    null,
  );
  const first = told[0];
  const isShort = first !== undefined && first.n > 1 && first.at_ms > sinceMs;
  useEffect(() => {
    if (!isShort || first === undefined || (earlier !== null && earlier.sinceMs <= sinceMs)) return;
    let isOver = false;
    void earlierEvents(it.api, it.pool, first.n, sinceMs).then((found) => {
      if (!isOver) setEarlier({ ...found, sinceMs });
    });
    return () => {
      isOver = true;
    };
  }, [isShort, first?.n, sinceMs]);
  const events = useMemo(() => {
    const known = new Set(told.map(({ n }) => n));
    return [...(earlier?.events ?? []).filter(({ n }) => !known.has(n)), ...told];
  }, [earlier, told]);
  const story = happened(events, it.kept.actions.want().value ?? [], sinceMs, namesOf(it));
  const missing = isShort && earlier !== null && !earlier.complete;
  return (
    <>
      <div class="since-when">
        <label>
          {t("since.since")}
          <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
            {choices.map(({ name, label }) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
            <option value="time">{t("since.time")}</option>
          </select>
        </label>
        {chosen === "time" && (
          <label>
            {t("since.at")}
            <input type="time" value={time} onInput={(event) => setTime(event.currentTarget.value)} />
          </label>
        )}
      </div>
      {isShort && earlier === null && <p aria-busy="true">{t("since.loading")}</p>}
      {missing && <p class="quiet">{t("since.from", { at: timeOrDate(events[0]?.at_ms ?? openedAtMs) })}</p>}
      {story.length === 0 && <p>{t("since.none", { at: timeOrDate(sinceMs) })}</p>}
      <ol class="actions">
        {story.map(({ n, atMs, who, text }) => (
          <li key={n} class="action">
            <p class="action-what">{text}</p>
            <p class="action-who">{t("undo.who", { who: who || t("since.itself"), at: timeOfDay(atMs) })}</p>
          </li>
        ))}
      </ol>
      {story.length === TOLD_MAX && <p class="quiet">{t("since.more")}</p>}
    </>
  );
}

/** When the room's show began, the one that is on or was last; null where that is not known. */
function useShowBegin(it: Console): number | null {
  const [beganMs, setBegan] = useState<number | null>(null);
  useEffect(() => {
    if (it.room === "") return;
    const params = { path: { room: it.room }, query: { limit: 1 } };
    void answerOf(it.api.GET("/v1/rooms/{room}/shows", { params })).then((answer) => {
      if (answer.ok) setBegan(answer.value.shows[0]?.started_at_ms ?? null);
    });
  }, [it]);
  return beganMs;
}

function choicesOf(leftAtMs: number | null, beganMs: number | null, nowMs: number): readonly Choice[] {
  const found: Choice[] = [];
  if (leftAtMs !== null)
    found.push({ name: "last", label: t("since.last", { at: timeOrDate(leftAtMs) }), atMs: leftAtMs });
  if (beganMs !== null)
    found.push({ name: "show", label: t("since.show", { at: timeOrDate(beganMs) }), atMs: beganMs });
  for (const each of MINUTES) {
    const label = t("since.minutes", { count: each, shown: count(each) });
    found.push({ name: `${each}`, label, atMs: nowMs - each * MINUTE_MS });
  }
  return found;
}

/** The last moment at which a clock here showed this time; now, where none is given yet. */
function momentOf(time: string, nowMs: number): number {
  const [hours, minutes] = time.split(":").map(Number);
  if (hours === undefined || minutes === undefined || Number.isNaN(minutes)) return nowMs;
  const at = new Date(nowMs);
  at.setHours(hours, minutes, 0, 0);
  if (at.getTime() > nowMs) at.setDate(at.getDate() - 1);
  return at.getTime();
}
