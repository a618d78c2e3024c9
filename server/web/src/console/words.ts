/** The console's words: each part of it has its own file a language, and a page loads one language's. */

import type { Language, Words } from "../shared/i18n";

/** A chunk a language: what is there from the beginning. */
const FIRST = { en: () => import("./words/en"), zh: () => import("./words/zh") };

/** The words of all that is there from the beginning. */
export async function wordsOf(spoken: Language): Promise<Words> {
  return (await FIRST[spoken]()).default;
}
