/** The language of a page: which one, its words, and the locale of its numbers. */
import { type ReadonlySignal, signal } from "@preact/signals";
import i18next, { type Resource } from "i18next";
import sharedEn from "./en.json";
import sharedZh from "./zh.json";

export type Language = "en" | "zh";
export const LANGUAGES: readonly Language[] = ["en", "zh"];

/** What a page says, one JSON file a language; `x_one` and `x_other` are plural forms of `x` by `count`. */
export type Words = Record<string, string>;

const CHOICE_KEY = "shelfcast.language";
const DEFAULT_LOCALES: Record<Language, string> = { en: "en", zh: "zh-CN" };

const chosen = signal<Language>("en");
export const language: ReadonlySignal<Language> = chosen;

/** The language of a tag such as `zh-Hant-TW`, if we speak it. */
export function spokenOf(tag: string): Language | undefined {
  const base = tag.toLowerCase().split(/[-_]/)[0];
  return LANGUAGES.find((known) => known === base);
}

/** The first of `wanted` (a query parameter, a stored choice, the browser's languages) that we speak. */
export function pickLanguage(wanted: readonly (string | null | undefined)[]): Language {
  for (const tag of wanted) {
    const spoken = spokenOf(tag ?? "");
    if (spoken) return spoken;
  }
  return "en";
}

/** The locale for numbers and prices: the browser's own variant of the language (en-GB, zh-TW), else the usual one. */
export function localeOf(spoken: Language, preferred: readonly string[] = browserLanguages()): string {
  return preferred.find((tag) => tag.toLowerCase().split("-")[0] === spoken) ?? DEFAULT_LOCALES[spoken];
}

/** Call once, before the first render. The page's words are looked up first, then the shared ones. */
export function startLanguage(page: Record<Language, Words>): void {
  const spoken = wantedLanguage();
  loadWords(page, spoken);
  document.documentElement.lang = DEFAULT_LOCALES[spoken];
}

/** Gives the words of a page, or of a part of it, in a language: a large page loads no other's. */
export type WordsLoader = (spoken: Language) => Promise<Words>;

/** Those whose words are loaded; a switch loads them in the other language first. */
const loaders: WordsLoader[] = [];

/** As `startLanguage`, of a page that loads its words. Where that fails (no connection), it is for the caller to say. */
export async function startLanguageWith(load: WordsLoader): Promise<void> {
  const spoken = wantedLanguage();
  const words = await load(spoken);
  loaders.push(load);
  loadWords({ en: {}, zh: {}, [spoken]: words }, spoken);
  document.documentElement.lang = DEFAULT_LOCALES[spoken];
}

/** Add the words of a part of the page that is shown from now on. */
export async function addWords(load: WordsLoader): Promise<void> {
  // While they come, the language may be switched: then they are wanted in that one, too.
  loaders.push(load);
  try {
    for (let spoken: Language | null = null; spoken !== chosen.peek(); ) {
      spoken = chosen.peek();
      putWords(spoken, await load(spoken));
    }
  } catch (error) {
    loaders.splice(loaders.indexOf(load), 1);
    throw error;
  }
}

function putWords(spoken: Language, words: Words): void {
  i18next.addResourceBundle(spoken, "page", words, true, true);
}

function wantedLanguage(): Language {
  return pickLanguage([new URLSearchParams(location.search).get("lang"), storedChoice(), ...browserLanguages()]);
}

/** As `startLanguage`, without a browser: for tests. */
export function loadWords(page: Record<Language, Words>, spoken: Language): void {
  const resources: Resource = {
    en: { page: page.en, shared: sharedEn },
    zh: { page: page.zh, shared: sharedZh },
  };
  void i18next.init({
    resources,
    lng: spoken,
    fallbackLng: "en",
    defaultNS: "page",
    fallbackNS: "shared",
    // Keys are flat and texts may hold any sign; Preact escapes what it draws.
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  chosen.value = spoken;
}

/** The text of `key` in the page's language; whatever draws it is drawn anew when the language changes. */
export function t(key: string, values?: Record<string, string | number>): string {
  return i18next.t(key, { lng: chosen.value, ...values });
}

/** Switch, and remember the choice for the other pages of this server; a link's `lang` no longer counts. */
export function setLanguage(spoken: Language): void {
  const address = withoutLanguage(location.href);
  if (address !== location.href) history.replaceState(history.state, "", address);
  try {
    localStorage.setItem(CHOICE_KEY, spoken);
  } catch {
    // A browser that keeps nothing still switches.
  }
  if (loaders.length === 0) speak(spoken);
  else void loadAndSpeak(spoken);
}

function speak(spoken: Language): void {
  document.documentElement.lang = DEFAULT_LOCALES[spoken];
  chosen.value = spoken;
}

async function loadAndSpeak(spoken: Language): Promise<void> {
  try {
    for (const words of await Promise.all(loaders.map((load) => load(spoken)))) putWords(spoken, words);
    speak(spoken);
  } catch (error) {
    // Without a connection the page goes on in the language that it has.
    reportError(error);
  }
}

/** The address without its `lang`, the rest as it was. */
export function withoutLanguage(address: string): string {
  const url = new URL(address);
  if (url.searchParams.has("lang")) url.searchParams.delete("lang");
  return url.href;
}

/** Most wanted first; none where there is no browser. */
function browserLanguages(): readonly string[] {
  return globalThis.navigator?.languages ?? [];
}

function storedChoice(): string | null {
  try {
    return localStorage.getItem(CHOICE_KEY);
  } catch {
    return null;
  }
}
