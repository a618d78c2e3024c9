import { expect, it } from "vitest";
import { WORDS } from "./all";

/** What i18next puts behind a key for one and for several; Chinese has one form. */
const PLURAL = /_(one|other)$/;

it("says the same things in both languages", () => {
  const said = (words: Record<string, string>) => new Set(Object.keys(words).map((key) => key.replace(PLURAL, "")));
  expect([...said(WORDS.zh)].sort()).toEqual([...said(WORDS.en)].sort());
});

it("puts the same values into a sentence in both languages", () => {
  const values = (text: string) => [...new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name))].sort();
  const differ = Object.keys(WORDS.zh).filter((key) => {
    const english = WORDS.en[key] ?? WORDS.en[key.replace(PLURAL, "_other")] ?? WORDS.en[`${key}_other`] ?? "";
    return String(values(english)) !== String(values(WORDS.zh[key] ?? ""));
  });
  expect(differ).toEqual([]);
});

it("sets Chinese with the signs of Chinese", () => {
  const narrow = /[\u4e00-\u9fff\u201d\u300d}] ?[,;:!?()]|[,;:!?()] ?[\u4e00-\u9fff\u201c\u300c{]/;
  // What is typed as it stands there: a command, or the key for help.
  const typed = /[\uff1a\u3001 ][!?](?=$|\u3001)/g;
  const wrong = Object.entries(WORDS.zh).filter(([, text]) =>
    narrow.test(text.replace(/\{\{[^}]*\}\}/g, "{}").replace(typed, "")),
  );
  expect(wrong).toEqual([]);
});
