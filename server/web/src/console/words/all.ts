/** All that the console says, in both languages: for tests, which load no parts. */

import type { Language, Words } from "../../shared/i18n";
import afterEn from "../after/en.json";
import afterZh from "../after/zh.json";
import beforeEn from "../before/en.json";
import beforeZh from "../before/zh.json";
import countsEn from "../counts/en.json";
import countsZh from "../counts/zh.json";
import helpEn from "../help/en.json";
import helpZh from "../help/zh.json";
import ledgerEn from "../ledger/en.json";
import ledgerZh from "../ledger/zh.json";
import sinceEn from "../shell/since/en.json";
import sinceZh from "../shell/since/zh.json";
import firstEn from "./en";
import firstZh from "./zh";

export const WORDS: Record<Language, Words> = {
  en: { ...firstEn, ...beforeEn, ...countsEn, ...afterEn, ...helpEn, ...ledgerEn, ...sinceEn },
  zh: { ...firstZh, ...beforeZh, ...countsZh, ...afterZh, ...helpZh, ...ledgerZh, ...sinceZh },
};
