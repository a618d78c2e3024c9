/** The show at any of its minutes: a slider, or played as fast as one likes, with the board as it was. */

import { useEffect, useMemo } from "preact/hooks";
import { count, percent, price } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { levelText } from "../../../staff/level";
import { type Answer, answerOf } from "../../api/client";
import type { MinuteState, ShowAt, ShowItem } from "../../api/schema";
import { LevelMark, SeverityMark } from "../../board/LevelMark";
import type { Console } from "../../console";
import { here, stayAt } from "../place";
import { AwayText } from "../report/AwayText";
import { about, clock, NONE } from "../report/numbers";
import { known } from "../report/sentences";
import { BigTable, type Column } from "../table/BigTable";
import { Player, SPEEDS, type Speed } from "./player";
import "./replay.css";

const NOT_FOUND = 404;
const MINUTE_MS = 60_000;

interface Props {
  readonly it: Console;
  readonly show: ShowItem;
}

export function ReplayTab({ it, show }: Props) {
  const player = useMemo(() => {
    const read = async (minute: number, minutes: number) => {
      const params = { path: { show: show.show }, query: { minute, minutes } };
      const answer: Answer<unknown> = await answerOf(it.api.GET("/v1/shows/{show}/at", { params }));
      // A row of several kinds of values is a plain list to the client.
      return answer as Answer<ShowAt>;
    };
    return new Player(read, minuteOf(here().detail));
  }, [it, show.show]);
  useEffect(() => {
    player.seek(player.minute.peek());
    return () => player.close();
  }, [player]);
  // The browser's Back, and a link to a minute, lead there.
  const { detail } = here();
  useEffect(() => {
    if (detail !== "" && minuteOf(detail) !== player.minute.peek()) player.seek(minuteOf(detail));
  }, [detail, player]);
  const trouble = player.trouble.value;
  const shown = player.shown.value;
  const minutes = player.minutes.value;
  if (trouble === NOT_FOUND && shown === null) return <p class="empty">{t("after.replay.none")}</p>;
  return (
    <>
      <AwayText trouble={trouble} onAgain={() => player.again()} />
      {minutes === null && trouble === null && <p aria-busy="true">{t("after.reading")}</p>}
      {minutes !== null && (
        <Controls player={player} show={show} minutes={minutes} onStay={(minute) => stayAt(String(minute))} />
      )}
      {player.isFull.value && <p class="note">{t("after.replay.full")}</p>}
      {shown !== null && <Minute state={shown} isBehind={shown.minute !== player.minute.value} />}
    </>
  );
}

/** The minute that an address says; the first where it says none. */
function minuteOf(detail: string): number {
  return /^\d{1,6}$/.test(detail) ? Number(detail) : 0;
}

interface ControlProps {
  readonly player: Player;
  readonly show: ShowItem;
  readonly minutes: number;
  /** Called with a minute that somebody has gone to by hand. */
  readonly onStay: (minute: number) => void;
}

function Controls({ player, show, minutes, onStay }: ControlProps) {
  const minute = player.minute.value;
  const playing = player.playing.value;
  const first = show.started_at_ms - (show.started_at_ms % MINUTE_MS);
  const at = clock(first + minute * MINUTE_MS, show.started_at_ms);
  const says = t("after.replay.at", { minute: count(minute), of: count(minutes - 1), at });
  const speed = player.speed.value;
  return (
    <section class="card replay-controls" aria-label={t("after.replay.controls")}>
      <label class="replay-slider">
        <span>{t("after.replay.minute")}</span>
        <input
          type="range"
          min={0}
          max={Math.max(0, minutes - 1)}
          step={1}
          value={minute}
          aria-valuetext={says}
          onInput={(event) => player.seek(Number(event.currentTarget.value))}
          onChange={(event) => onStay(Number(event.currentTarget.value))}
        />
      </label>
      <p class="replay-says">{says}</p>
      <div class="replay-buttons">
        <button
          type="button"
          class="main"
          onClick={() => {
            if (!playing) player.play();
            else {
              player.pause();
              onStay(player.minute.peek());
            }
          }}
        >
          {t(playing ? "after.replay.pause" : "after.replay.play")}
        </button>
        <fieldset>
          <legend class="visually-hidden">{t("after.replay.speed")}</legend>
          {SPEEDS.map((each: Speed) => (
            <button key={each} type="button" aria-pressed={each === speed} onClick={() => player.setSpeed(each)}>
              {t("after.replay.times", { times: String(each) })}
            </button>
          ))}
        </fieldset>
      </div>
    </section>
  );
}

function Minute({ state, isBehind }: { readonly state: MinuteState; readonly isBehind: boolean }) {
  const refused = Object.values(state.refused).reduce((sum, each) => sum + each, 0);
  const titles = new Map(state.terms.map(({ sku, title }) => [sku, title]));
  const onAir = state.spotlight === null ? NONE : titles.get(state.spotlight) || state.spotlight;
  const facts: readonly (readonly [string, string])[] = [
    ["status", t(`status.${state.status}`)],
    ["viewers", count(state.viewers)],
    ["paid", count(state.paid)],
    ["refused", count(refused)],
    ["on_air", onAir],
    ["notice", state.notice || NONE],
  ];
  return (
    <div class="replay-minute" aria-busy={isBehind} data-minute={state.minute}>
      <section class="card" aria-label={t("after.replay.facts")}>
        <dl class="after-sums">
          {facts.map(([name, text]) => (
            <div key={name} data-fact={name}>
              <dt>{t(`after.replay.${name}`)}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        <Standing state={state} titles={titles} />
      </section>
      <section class="card" aria-label={t("after.replay.board")}>
        <h3>{t("after.replay.board")}</h3>
        <Board state={state} />
      </section>
    </div>
  );
}

function Standing({ state, titles }: { readonly state: MinuteState; readonly titles: ReadonlyMap<string, string> }) {
  const alerts = state.alerts ?? [];
  return (
    <>
      <h3>{t("after.replay.alerts")}</h3>
      {alerts.length === 0 && <p class="quiet">{t("after.replay.alerts.none")}</p>}
      <ul class="replay-alerts">
        {alerts.map(({ id, rule, sku, severity, tier_percent }) => (
          <li key={id} data-severity={severity}>
            <SeverityMark name={severity} />
            {sku === ""
              ? whatText(rule, tier_percent)
              : t("after.replay.alert", { what: whatText(rule, tier_percent), title: titles.get(sku) || sku })}
          </li>
        ))}
      </ul>
    </>
  );
}

/** What an alert is about; its numbers were not kept, but for the tier. */
function whatText(rule: string, tier: number): string {
  return known(`after.replay.rule.${rule}`, rule, { share: percent(tier / 100) });
}

interface Shown {
  readonly sku: string;
  readonly title: string;
  readonly link: number | null;
  readonly price: string;
  readonly isOnAir: boolean;
  readonly available: number | null;
  readonly held: number | null;
  readonly sold: number | null;
  readonly level: string;
  readonly pace: number | null;
}

function Board({ state }: { readonly state: MinuteState }) {
  const rows = useMemo(() => rowsOf(state), [state]);
  return (
    <BigTable
      title={t("after.replay.board")}
      rows={rows}
      columns={columns()}
      keyOf={({ sku }) => sku}
      textOf={({ link, title, sku }) => `${link ?? ""} ${title} ${sku}`}
    />
  );
}

/** What stands on the shelf, in its order: rows keep their place while the minutes go by. */
function rowsOf({ terms, units, spotlight }: MinuteState): readonly Shown[] {
  const bySku = new Map(units.map((row) => [row[0], row]));
  return terms.map(({ sku, title, link, price_minor, currency }) => {
    const [, available, held, sold, , level, pace] = bySku.get(sku) ?? [];
    return {
      sku,
      title: title || sku,
      link,
      price: price(price_minor, currency),
      isOnAir: sku === spotlight,
      available: available ?? null,
      held: held ?? null,
      sold: sold ?? null,
      level: level ?? "",
      pace: pace ?? null,
    };
  });
}

const columns = (): readonly Column<Shown>[] => [
  {
    id: "link",
    label: t("after.column.link"),
    rem: 3.5,
    isNumber: true,
    isNarrow: true,
    isUnsorted: true,
    value: ({ link }) => link,
    text: ({ link }) => (link === null ? "" : String(link)),
  },
  { id: "title", label: t("after.column.goods"), rem: 13, isName: true, isUnsorted: true, value: ({ title }) => title },
  {
    id: "air",
    label: t("board.column.air"),
    rem: 5,
    isUnsorted: true,
    value: ({ isOnAir }) => (isOnAir ? t("board.on_air") : ""),
    draw: ({ isOnAir }) => (isOnAir ? <span class="on-air">{t("board.on_air")}</span> : null),
  },
  units("available", ({ available }) => available),
  units("held", ({ held }) => held),
  units("sold", ({ sold }) => sold),
  {
    id: "level",
    label: t("after.replay.level"),
    rem: 8,
    isUnsorted: true,
    value: ({ level }) => level,
    draw: ({ level }) => (
      <span class="replay-level" data-level={level}>
        {level !== "" && <LevelMark name={level} />} {level === "" ? NONE : levelText(level) || t("board.level.ok")}
      </span>
    ),
  },
  { ...units("pace", ({ pace }) => pace), text: ({ pace }) => about(pace) },
  { ...units("price", () => null), text: ({ price: asked }) => asked },
];

function units(id: string, of: (row: Shown) => number | null): Column<Shown> {
  return { id, label: t(`board.column.${id}`), rem: 6, isNumber: true, isUnsorted: true, value: of };
}
