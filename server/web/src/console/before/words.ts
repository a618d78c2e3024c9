/** The words of the preparation, of which some are said elsewhere, too. */

import type { WordsLoader } from "../../shared/i18n";

const FILES = { en: () => import("./en.json"), zh: () => import("./zh.json") };

export const beforeWords: WordsLoader = async (spoken) => (await FILES[spoken]()).default;
