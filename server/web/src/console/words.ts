/** The console's words: each part of it has its own file a language. */

import type { Language, Words } from "../shared/i18n";
import { STAFF_WORDS } from "../staff/words";
import beforeEn from "./before/en.json";
import beforeZh from "./before/zh.json";
import boardEn from "./board/en.json";
import boardZh from "./board/zh.json";
import emergencyEn from "./emergency/en.json";
import emergencyZh from "./emergency/zh.json";
import ledgerEn from "./ledger/en.json";
import ledgerZh from "./ledger/zh.json";
import operationsEn from "./operations/en.json";
import operationsZh from "./operations/zh.json";
import shellEn from "./shell/en.json";
import shellZh from "./shell/zh.json";

export const WORDS: Record<Language, Words> = {
  en: { ...STAFF_WORDS.en, ...shellEn, ...operationsEn, ...boardEn, ...beforeEn, ...ledgerEn, ...emergencyEn },
  zh: { ...STAFF_WORDS.zh, ...shellZh, ...operationsZh, ...boardZh, ...beforeZh, ...ledgerZh, ...emergencyZh },
};
