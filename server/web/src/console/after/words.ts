/** What the view says, and the words of the counts that it shows parts of. */

import type { Language, Words } from "../../shared/i18n";

const AFTER = { en: () => import("./en.json"), zh: () => import("./zh.json") };
const COUNTS = { en: () => import("../counts/en.json"), zh: () => import("../counts/zh.json") };

export async function afterWords(spoken: Language): Promise<Words> {
  const [own, counts] = await Promise.all([AFTER[spoken](), COUNTS[spoken]()]);
  return { ...counts.default, ...own.default };
}
