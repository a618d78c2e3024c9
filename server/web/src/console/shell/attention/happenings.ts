/** What the live region tells of besides alerts: what came of one's own operations, a lost connection, and what others stop. */

import { effect } from "@preact/signals";
import { t } from "../../../shared/i18n";
import type { Console } from "../../console";
import { actionText } from "../undo/actionwords";
import { namesOf } from "../undo/names";
import type { Voice } from "./voice";

const WEIGHT = { own: 1, connection: 3, others: 0 } as const;
/** Of what others do, that which changes what can be sold. */
const TOLD: Readonly<Record<string, string>> = { frozen: "freeze", unfrozen: "unfreeze", status: "status" };

/** Returns what ends it. */
export function tellHappenings(it: Console, voice: Voice): () => void {
  let said = it.doing.said.peek()[0]?.n ?? 0;
  let wasCurrent: boolean | null = null;
  const began = it.live.pool.serverNowMs();
  const ends = [
    effect(() => {
      const last = it.doing.said.value[0];
      if (last === undefined || last.n === said) return;
      said = last.n;
      voice.say(last.text, WEIGHT.own);
    }),
    effect(() => {
      const { current } = it.live.connection.value;
      // A page that begins is not connected yet, and that is no loss.
      if (wasCurrent === null && !current) return;
      if (wasCurrent !== null && wasCurrent !== current) {
        voice.say(t(current ? "connection.back" : "connection.lost"), WEIGHT.connection);
      }
      wasCurrent = current;
    }),
    it.live.onEvent((event) => {
      const kind = TOLD[event.type];
      if (kind === undefined || event.at_ms < began || event.actor === it.login.session.peek()?.user) return;
      const { action: id, subject, room, data } = event;
      const what = event.type !== "status" && data.scope !== "sku" ? String(data.scope ?? "") : "";
      const names = { ...namesOf(it), dataOf: () => data };
      voice.say(actionText({ id, kind, subject, room, what, undoes: "" }, names), WEIGHT.others);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
