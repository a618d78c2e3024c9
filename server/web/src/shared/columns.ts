/** How much room a text takes: letters that stand in a square (Chinese, full-width forms) count twice. */

const FIRST_WIDE = 0x2e80;

/** The width of a text in columns of a Latin letter, roughly: enough to choose a size of type by. */
export function columns(text: string): number {
  let width = 0;
  for (const letter of text) width += (letter.codePointAt(0) ?? 0) >= FIRST_WIDE ? 2 : 1;
  return width;
}
