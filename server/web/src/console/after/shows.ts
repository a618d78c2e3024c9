/** The shows that one can look back at: of the room that is chosen, else of all rooms of the pool. */

import { dateAndTime, timeOrDate } from "../../shared/format";
import { t } from "../../shared/i18n";
import { type Answer, answerOf } from "../api/client";
import type { Listed, ShowItem } from "../api/schema";
import type { Console } from "../console";

/** The event of the pool's socket that tells of a report that was written. */
export const REPORT_READY = "report.ready";

/** So many of a room's last shows are offered. */
const OF_ONE_ROOM = 50;
/** Where no room is chosen: of so many rooms, so many of each. */
const ROOMS_MAX = 24;
const OF_EACH_ROOM = 10;
const REPORTS_MAX = 100;

/** Newest first. */
export async function readShows(it: Console): Promise<Answer<readonly ShowItem[]>> {
  if (it.room !== "") return ofRoom(it, it.room, OF_ONE_ROOM);
  const rooms = it.live.rooms.peek().slice(0, ROOMS_MAX);
  const answers = await Promise.all(rooms.map(({ room }) => ofRoom(it, room, OF_EACH_ROOM)));
  const refused = answers.find(({ ok }) => !ok);
  if (refused !== undefined) return refused;
  const shows = answers.flatMap((answer) => (answer.ok ? answer.value : []));
  return {
    ok: true,
    value: [...shows].sort((a, b) => b.started_at_ms - a.started_at_ms),
    action: "",
    etag: "",
  };
}

async function ofRoom(it: Console, room: string, limit: number): Promise<Answer<readonly ShowItem[]>> {
  const params = { path: { room }, query: { limit } };
  const answer = await answerOf(it.api.GET("/v1/rooms/{room}/shows", { params }));
  return answer.ok ? { ...answer, value: answer.value.shows } : answer;
}

/** The reports there are, by the show; none where they cannot be told. */
export async function readReports(it: Console): Promise<Answer<ReadonlyMap<string, Listed>>> {
  const query = { limit: REPORTS_MAX, ...(it.room !== "" && { room: it.room }) };
  const params = { path: { pool: it.pool }, query };
  const answer = await answerOf(it.api.GET("/v1/pools/{pool}/reports", { params }));
  return answer.ok ? { ...answer, value: new Map(answer.value.reports.map((each) => [each.show, each])) } : answer;
}

/** Which report a show has, and what a provisional one waits for. */
export function reportText(report: Listed | undefined): string {
  if (report === undefined) return t("after.show.state.none");
  const { state, pending } = report;
  return state === "provisional" && pending > 0
    ? t("after.show.state.waits", { count: pending, orders: String(pending) })
    : t(`after.show.state.${state}`);
}

/** What a show is called: its room where several may be meant, its number and its times. */
export function showText({ room, n, started_at_ms, ended_at_ms }: ShowItem, withRoom: boolean): string {
  const from = dateAndTime(started_at_ms);
  const said =
    ended_at_ms === null
      ? t("after.show.on", { n: String(n), from })
      : t("after.show.ended", { n: String(n), from, to: timeOrDate(ended_at_ms) });
  return withRoom ? t("after.show.of_room", { room, show: said }) : said;
}
