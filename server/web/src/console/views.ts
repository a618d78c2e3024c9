/** The views by name. The board is there from the beginning; the others are loaded after it. */

import type { ComponentType } from "preact";
import type { Language } from "../shared/i18n";
import type { View } from "./address";
import { afterWords } from "./after/words";
import { beforeWords } from "./before/words";
import { Board } from "./board/Board";
import { GateShut } from "./gate/gate";
import { later } from "./later";
import type { Login } from "./session";

const COUNTS = { en: () => import("./counts/en.json"), zh: () => import("./counts/zh.json") };
const LEDGER = { en: () => import("./ledger/en.json"), zh: () => import("./ledger/zh.json") };

const before = later(async () => (await import("./before/Before")).Before, beforeWords);
const countWords = async (spoken: Language) => (await COUNTS[spoken]()).default;
const counts = later(async () => (await import("./counts/Counts")).Counts, countWords);
/** The whole console of somebody who only counts. */
export const Counter = later<{ login: Login }>(async () => (await import("./counts/Counter")).Counter, countWords);
const after = later(async () => (await import("./after/After")).After, afterWords);
const ledger = later(
  async () => (await import("./ledger/Ledger")).Ledger,
  async (spoken: Language) => (await LEDGER[spoken]()).default,
);
/** Its words are there from the beginning: what is in force stands over every view. */
const emergency = later(async () => (await import("./emergency/Emergency")).Emergency);

export const VIEW_OF: Readonly<Record<View, ComponentType>> = {
  board: Board,
  before,
  counts,
  after,
  ledger,
  emergency,
};
/** What is loaded once the board stands: a connection that is lost then takes no view away. */
export const LOADED_LATER = [emergency, before, counts, after, ledger, GateShut];
