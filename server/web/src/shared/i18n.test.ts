import { effect } from "@preact/signals";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Language, loadWords, localeOf, pickLanguage, setLanguage, t, type Words, withoutLanguage } from "./i18n";

const WORDS = import.meta.glob<Words>("../**/{en,zh}.json", { eager: true, import: "default" });
const CODE = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.ts"], {
  eager: true,
  import: "default",
  query: "?raw",
});
/** The folder of a path as the glob gives it: "../host/en.json", and "./en.json" for this one. */
const folder = (path: string) => (path.startsWith("./") ? "shared" : (path.split("/")[1] ?? ""));
const PAGES = [...new Set(Object.keys(WORDS).map(folder))];

/** All words of a page, which may keep them in a file for each of its parts. */
function words(page: string, language: Language): Words {
  const files = Object.entries(WORDS).filter(([path]) => folder(path) === page && path.endsWith(`/${language}.json`));
  return Object.assign({}, ...files.map(([, found]) => found)) as Words;
}
/** What pages share: whatever a page does not say itself is looked up there. */
const SHARED = ["shared", "staff"];

/** English has two plural forms, Chinese one. */
const stem = (key: string) => key.replace(/_(one|other)$/, "");
const stems = (found: Words) => [...new Set(Object.keys(found).map(stem))].sort();
const values = (text: string) => [...new Set([...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]))].sort();

describe.each(PAGES)("the words of %s", (page) => {
  const [en, zh] = [words(page, "en"), words(page, "zh")];

  it("say the same things in both languages", () => {
    expect(stems(zh)).toEqual(stems(en));
  });

  it("say them with the same values", () => {
    for (const [key, text] of Object.entries(zh)) {
      const english = en[key] ?? en[`${stem(key)}_other`];
      expect(values(text), key).toEqual(values(english ?? ""));
    }
  });

  it("have both plural forms in English", () => {
    for (const key of Object.keys(en).filter((name) => name.endsWith("_one"))) {
      expect(en).toHaveProperty([`${stem(key)}_other`]);
    }
  });

  it("are there for every key that the page's code names", () => {
    const known = new Set([page, ...SHARED].flatMap((each) => stems(words(each, "en"))));
    for (const [path, code] of Object.entries(CODE).filter(([name]) => folder(name) === page)) {
      for (const [, key] of code.matchAll(/\bt\("([^"]+)"/g)) expect(known, path).toContain(key);
    }
  });
});

it.each([
  [["zh-Hant-TW", "en"], "zh"],
  [["fr", "en-GB", "zh"], "en"],
  [["ZH_cn"], "zh"],
  [[null, "", "nonsense"], "en"],
] as const)("of %j it speaks %s", (wanted, spoken) => expect(pickLanguage(wanted)).toBe(spoken));

it("writes numbers as the browser's own variant of the language does", () => {
  expect(localeOf("en", ["zh-CN", "en-GB", "en"])).toBe("en-GB");
  expect(localeOf("zh", ["en"])).toBe("zh-CN");
});

/** A page at this address; returns what its address is replaced by. */
function browse(address: string): string[] {
  const replaced: string[] = [];
  vi.stubGlobal("document", { documentElement: { lang: "" } });
  vi.stubGlobal("location", { href: address });
  vi.stubGlobal("history", {
    state: null,
    replaceState: (_: unknown, __: string, next: string) => replaced.push(next),
  });
  return replaced;
}

afterEach(() => void vi.unstubAllGlobals());

it("a choice on the page takes the link's language out of the address, for the next reload", () => {
  const replaced = browse("http://shelf.test/rooms/evening?lang=zh&x=1#shelf");
  setLanguage("en");
  expect(replaced).toEqual(["http://shelf.test/rooms/evening?x=1#shelf"]);
});

it.each([
  ["http://shelf.test/", "http://shelf.test/"],
  ["http://shelf.test/?lang=zh", "http://shelf.test/"],
  ["http://shelf.test/?a=%20b&lang=zh&lang=en", "http://shelf.test/?a=+b"],
  ["http://shelf.test/?a=%20b", "http://shelf.test/?a=%20b"],
])("%s without its language is %s", (address, rest) => expect(withoutLanguage(address)).toBe(rest));

describe("a text", () => {
  const page = {
    en: { left_one: "{{count}} unit <b>", left_other: "{{count}} units" },
    zh: { left_other: "{{count}} 件" },
  };

  it("takes the plural form of its count, and leaves signs alone", () => {
    loadWords(page, "en");
    expect([t("left", { count: 1 }), t("left", { count: 2 })]).toEqual(["1 unit <b>", "2 units"]);
  });

  it("is found among the shared ones where the page has none", () => {
    loadWords(page, "en");
    expect(t("stale.connecting")).toBe("Connecting");
  });

  it("changes with the language under whoever has drawn it", () => {
    loadWords(page, "en");
    browse("http://shelf.test/rooms/evening");
    const drawn: string[] = [];
    const stop = effect(() => {
      drawn.push(t("left", { count: 3 }));
    });
    setLanguage("zh");
    stop();
    expect(drawn).toEqual(["3 units", "3 件"]);
    expect(document.documentElement.lang).toBe("zh-CN");
  });
});
