/** A name that can be typed and is free: of the title's Latin letters, else what it names and a number. */

const LENGTH_MAX = 40;

export function freeName(title: string, taken: readonly string[], what: string): string {
  const plain = title
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, LENGTH_MAX)
    .replace(/-+$/, "");
  const used = new Set(taken);
  if (plain !== "" && !used.has(plain)) return plain;
  const stem = plain || what;
  for (let n = plain === "" ? 1 : 2; ; n += 1) if (!used.has(`${stem}-${n}`)) return `${stem}-${n}`;
}
