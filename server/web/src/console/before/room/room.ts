/** A room as one types it: what it is called, and when its next show is planned. */

import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { Gate, Room } from "../../api/schema";
import type { Console } from "../../console";
import type { Operation } from "../../operations/operation";
import { Edit, type Kinds, type Seen } from "../form/edit";
import { choice, line, moment, seconds, tick, whole } from "../form/values";

export interface Terms {
  readonly title: string;
  readonly planned_start_ms: number | null;
  readonly planned_minutes: number | null;
  /** How long a checkout is held; 0 is the server's own time. */
  readonly hold_ms: number;
  readonly waitlist: boolean;
  /** What its checklist does where it fails. */
  readonly gate: Gate;
}

const TITLE_MAX = 200;
const MINUTES_MAX = 1_440;
const SECONDS_A_DAY = 86_400;
export const ROOM_FIELDS = ["title", "planned_start_ms", "planned_minutes", "hold_ms", "waitlist", "gate"] as const;

export const ROOM_KINDS: Kinds<Terms> = {
  title: line(TITLE_MAX),
  planned_start_ms: moment,
  planned_minutes: whole({ min: 1, max: MINUTES_MAX }),
  hold_ms: seconds({ min: 1, max: SECONDS_A_DAY }),
  waitlist: tick,
  gate: choice<Gate>("refuse", "warn", "off"),
};

export const roomField = (field: string) => t(`before.room.${field}`);
export const gateName = (gate: string) => t(`before.room.gate.${gate}`);

/** Of rooms that are made here: one goes on air with a clear checklist, or for a reason. */
const GATE_AT_FIRST: Gate = "refuse";

function seenOf({ title, planned_start_ms, planned_minutes, hold_ms, waitlist, gate, revision }: Room): Seen<Terms> {
  return { values: { title, planned_start_ms, planned_minutes, hold_ms, waitlist, gate }, revision };
}

export function editRoom(it: Console): Edit<Terms> {
  const path = { room: it.room };
  return new Edit<Terms>({
    kinds: ROOM_KINDS,
    seen: () => {
      const room = it.kept.room.value.value;
      return room === null ? null : seenOf(room);
    },
    write: async (changes, { revision }) => {
      const header = { "If-Match": `"${revision}"`, "Idempotency-Key": newKey() };
      const answer = await answerOfWrite(() =>
        it.api.PATCH("/v1/rooms/{room}", { params: { path, header }, body: changes }),
      );
      await it.kept.room.now();
      return answer;
    },
    theirs: (current) => seenOf(current as Room),
  });
}

export interface NewRoom {
  readonly room: string;
  readonly title: string;
  readonly channel: string;
  readonly planned_start_ms: number | null;
  readonly planned_minutes: number | null;
}

/** Make a room, with an empty shelf. */
export function makeRoom(it: Console, { room, ...terms }: NewRoom, channelTitle: string): Operation {
  const title = terms.title || room;
  return {
    label: t("before.room.make"),
    says: () => t("before.room.make.says", { title, channel: channelTitle }),
    hindered: () => {
      if (terms.title === "") return t("before.room.make.title");
      return terms.channel === "" ? t("before.room.make.channel") : "";
    },
    done: t("before.room.made", { title }),
    run: (key) => {
      const params = { path: { room }, header: { "Idempotency-Key": key } };
      const body = { pool: it.pool, gate: GATE_AT_FIRST, ...terms };
      return answerOfWrite(() => it.api.PUT("/v1/rooms/{room}", { params, body }));
    },
  };
}
