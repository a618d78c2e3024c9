/**
 * A picture for products that have none: the first characters of the title on a colour of the SKU.
 *
 * The colour depends on the SKU alone, so that a product looks the same in every list, language and visit.
 */

/** Evenly spread hues that all carry dark and light text; neighbours differ clearly. In degrees of OKLCH. */
const HUES = [28, 52, 78, 112, 148, 176, 208, 238, 268, 298, 328, 352] as const;

/** The hue of a SKU's tile, in degrees. */
export function hue(sku: string): number {
  let hash = 2_166_136_261;
  for (let index = 0; index < sku.length; index += 1) {
    hash = Math.imul(hash ^ sku.charCodeAt(index), 16_777_619) >>> 0;
  }
  return HUES[hash % HUES.length] ?? HUES[0];
}

const WIDE = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u;
const LETTER = /[\p{L}\p{N}]/u;

/** One or two characters that stand for a title: the first of a Chinese one, the initials of a spaced one. */
export function initials(title: string, sku: string): string {
  const text = LETTER.test(title) ? title : sku;
  const words = text.split(/[\s,，、·/()（）-]+/u).filter((word) => LETTER.test(word));
  const first = letterOf(words[0] ?? text);
  if (WIDE.test(first)) return first;
  const second = words.length > 1 ? letterOf(words[1] ?? "") : "";
  const pair = second !== "" && !WIDE.test(second) && /\p{L}/u.test(second) ? second.toLocaleLowerCase() : "";
  return first.toLocaleUpperCase() + pair;
}

function letterOf(word: string): string {
  return [...word].find((character) => LETTER.test(character)) ?? "";
}
