/** What is said aloud of the viewer's own reservations, in the page's language. */

import { clockTime, count } from "../../shared/format";
import { t } from "../../shared/i18n";
import type { Told } from "./purchases";

/** "" for nothing. `leftS` is how long it is held still, in seconds. */
export function purchaseSentence({ kind, wish, saying, asked }: Told, title: string, leftS: number): string {
  if (kind === "reserved" || kind === "turn") {
    const words = { title, left: clockTime(leftS * 1000), count: wish.qty };
    if (kind === "reserved") return t("said.reserved", words);
    const all = asked ?? wish.qty;
    return all > wish.qty ? t("said.turn_part", { ...words, asked: count(all) }) : t("said.turn", words);
  }
  if (asked !== null && kind === "expired") return t("said.lapsed", { title });
  if (asked !== null && kind === "cancelled") return t("said.declined", { title });
  if (saying === null) return "";
  return kind === "refused"
    ? `${title}: ${t(saying.key, saying.values)}`
    : t(`said.${kind}`, { title, count: wish.qty });
}
