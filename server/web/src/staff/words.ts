/** The words that all pages of hosts and operators share. */

import type { Language, Words } from "../shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

export const STAFF_WORDS: Record<Language, Words> = { en, zh };
