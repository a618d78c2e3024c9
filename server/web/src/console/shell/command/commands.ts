/** The command line's language. Pure: a line and what there is here come in, a command or what was expected comes out.
 *
 * A line is a product and what to do with it (`3 +50`), or a word and what it is about (`b wave-2`). A product is its link
 * number, its SKU, or the beginning of either its SKU or its title where no other begins so. Full-width signs and spaces of
 * a Chinese keyboard are those of any other, but for the text of cues and notices, which stays as it was written. */

import { VIEWS, type View } from "../../address";

/** What a command may name. */
export interface Known {
  /** Link number → SKU, in the room that is shown. */
  readonly links: ReadonlyMap<number, string>;
  readonly skus: readonly { readonly sku: string; readonly title: string }[];
  readonly channels: readonly string[];
  readonly batches: readonly string[];
}

export type Command =
  | { readonly kind: "put"; readonly sku: string; readonly units: number }
  | { readonly kind: "spotlight"; readonly sku: string }
  | { readonly kind: "freeze"; readonly sku: string }
  /** Without `units`: a step of it. */
  | { readonly kind: "elastic"; readonly sku: string; readonly units: number | null }
  /** Fewer than 0: back to the pool. */
  | { readonly kind: "move"; readonly sku: string; readonly channel: string; readonly units: number }
  | { readonly kind: "cue"; readonly sku: string | null; readonly text: string }
  | { readonly kind: "notice"; readonly text: string }
  | { readonly kind: "step"; readonly step: "next" | "previous" }
  | { readonly kind: "batch"; readonly batch: string }
  | { readonly kind: "undo" }
  | { readonly kind: "go"; readonly view: View }
  | { readonly kind: "help" };

/** What stands against a line: a word of the page (`command.fault.…`) and its values. */
export interface Fault {
  readonly kind: "fault";
  readonly fault: string;
  readonly values: Readonly<Record<string, string | number>>;
}

/** How each is written, as the help has it; its words are `command.…`. */
export const GRAMMAR = [
  { name: "put", form: "3 +50" },
  { name: "spotlight", form: "3 !" },
  { name: "freeze", form: "3 x" },
  { name: "elastic", form: "3 r 50" },
  { name: "elastic_step", form: "3 r" },
  { name: "move", form: "3 > douyin 20" },
  { name: "back", form: "3 < douyin 20" },
  { name: "cue_about", form: "3 c …" },
  { name: "cue", form: "c …" },
  { name: "notice", form: "a …" },
  { name: "next", form: "n" },
  { name: "previous", form: "p" },
  { name: "batch", form: "b wave-2" },
  { name: "undo", form: "u" },
  { name: "go", form: "go board" },
  { name: "help", form: "?" },
] as const;

/** Units of one command at most: what a move takes. */
export const UNITS_MAX = 1_000_000_000;
/** Letters of a cue or a notice at most, as the server takes them. */
export const TEXT_MAX = 500;
/** So many names are told apart in a fault. */
const NAMED_MAX = 6;

const DIGITS_MAX = 3;
const LINK = new RegExp(`^(\\d{1,${DIGITS_MAX}})(?!\\d)\\s*`);
const FULL_WIDTH = /[\uff01-\uff5e]/g;
const FULL_WIDTH_STEP = 0xfee0;
/** A wide space, and what else a keyboard may put between two words. */
const WIDE_SPACES = /[\u3000\u00a0]/g;

/** The line with the signs of a Chinese keyboard as those of any other, of the same length. */
export function plain(line: string): string {
  return line
    .replace(FULL_WIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - FULL_WIDTH_STEP))
    .replace(WIDE_SPACES, " ")
    .replace(/[《〈]/g, "<")
    .replace(/[》〉]/g, ">");
}

/** What a line asks for; null where it is empty. */
export function parse(line: string, known: Known): Command | Fault | null {
  const text = plain(line);
  if (text.trim() === "") return null;
  const alone = parseAlone(text, line, known);
  if (alone !== null) return alone;
  const { target, at } = splitTarget(text, known);
  if (typeof target === "object") return target;
  return parseAbout(target, text.slice(at), line.slice(at), known);
}

/** Commands that begin with a word of their own. */
function parseAlone(text: string, line: string, known: Known): Command | Fault | null {
  const found = /^\s*(\S+)(\s*)/.exec(text);
  const word = found?.[1]?.toLowerCase() ?? "";
  const at = found?.[0].length ?? 0;
  const rest = text.slice(at).trim();
  switch (word) {
    case "n":
      return rest === "" ? { kind: "step", step: "next" } : fault("nothing_behind", { word });
    case "p":
      return rest === "" ? { kind: "step", step: "previous" } : fault("nothing_behind", { word });
    case "u":
      return rest === "" ? { kind: "undo" } : fault("nothing_behind", { word });
    case "?":
      return { kind: "help" };
    case "c":
      return said(line.slice(at), (said) => ({ kind: "cue", sku: null, text: said }));
    case "a":
      return said(line.slice(at), (said) => ({ kind: "notice", text: said }));
    case "b":
      return named(rest, known.batches, "batch", (batch) => ({ kind: "batch", batch }));
    case "go":
    case "g":
      return named(rest, VIEWS, "view", (view) => ({ kind: "go", view: view as View }));
    default:
      return null;
  }
}

/** The product that a line begins with, and where what to do with it begins. */
function splitTarget(text: string, known: Known): { target: string | Fault; at: number } {
  const begin = text.length - text.trimStart().length;
  const word = /^\S+/.exec(text.slice(begin))?.[0] ?? "";
  if (known.skus.some(({ sku }) => sku.toLowerCase() === word.toLowerCase())) {
    return { target: productOf(word, known), at: begin + word.length };
  }
  const number = LINK.exec(text.slice(begin));
  if (number?.[1] !== undefined) {
    const link = Number(number[1]);
    const at = begin + number[0].length;
    const sku = known.links.get(link);
    // A name may begin with a digit, too.
    if (isVerb(text.slice(at)) || text.slice(at) === "") {
      return { target: sku ?? fault("no_link", { link }), at };
    }
  }
  let first: { target: string | Fault; at: number } | null = null;
  for (const at of splits(text, begin)) {
    const found = { target: productOf(text.slice(begin, at).trim(), known), at };
    if (typeof found.target === "string") return found;
    first ??= found;
  }
  if (first !== null) return first;
  const linked = /^\d+$/.test(word) ? known.links.get(Number(word)) : undefined;
  const whole = linked ?? productOf(text.trim(), known);
  return {
    target: typeof whole === "string" ? fault("what", { sku: whole }) : fault("unknown", { word }),
    at: text.length,
  };
}

/** Where a line may be parted into a product and what to do with it. */
function* splits(text: string, begin: number): Generator<number> {
  for (let at = begin + 1; at < text.length; at += 1) {
    const isApart = text[at - 1] === " " || /^[+!><]/.test(text.slice(at));
    if (isApart && isVerb(text.slice(at))) yield at;
  }
}

/** Whether this begins with what to do: a sign, or a letter with a space or a number behind it. */
function isVerb(text: string): boolean {
  return /^\s*([+!><]|x\s*$|r\s*\d*\s*$|r\s|c(\s|$))/i.test(text);
}

function parseAbout(sku: string, text: string, line: string, known: Known): Command | Fault {
  const at = text.length - text.trimStart().length;
  const verb = text[at]?.toLowerCase() ?? "";
  const rest = text.slice(at + 1).trim();
  switch (verb) {
    case "+":
      return units(rest, (units) => ({ kind: "put", sku, units }));
    case "!":
      return rest === "" ? { kind: "spotlight", sku } : fault("nothing_behind", { word: verb });
    case "x":
      return rest === "" ? { kind: "freeze", sku } : fault("nothing_behind", { word: verb });
    case "r":
      return rest === ""
        ? { kind: "elastic", sku, units: null }
        : units(rest, (units) => ({ kind: "elastic", sku, units }));
    case ">":
    case "<":
      return moved(sku, verb === ">" ? 1 : -1, rest, known);
    case "c":
      return said(line.slice(at + 1), (text) => ({ kind: "cue", sku, text }));
    default:
      return fault("what", { sku });
  }
}

/** A channel and how many, in whichever order. */
function moved(sku: string, way: 1 | -1, rest: string, known: Known): Command | Fault {
  const words = rest.split(/\s+/).filter((word) => word !== "");
  const number = words.findIndex((word) => /^\d+$/.test(word));
  const name = words.filter((_, index) => index !== number).join(" ");
  if (name === "") return fault("channel", { known: listed(known.channels) });
  return named(name, known.channels, "channel", (channel) =>
    units(words[number] ?? "", (qty) => ({ kind: "move", sku, channel, units: qty * way })),
  );
}

function units(text: string, make: (units: number) => Command): Command | Fault {
  if (!/^\d+$/.test(text)) return fault("units", { given: text || "…" });
  const found = Number(text);
  return found >= 1 && found <= UNITS_MAX ? make(found) : fault("units", { given: text });
}

function said(text: string, make: (text: string) => Command): Command | Fault {
  const found = text.trim();
  if (found === "") return fault("text", {});
  return [...found].length <= TEXT_MAX ? make(found) : fault("text_long", { most: TEXT_MAX });
}

/** The one of these names that is meant: it itself, or the only one that begins so. */
function named(
  text: string,
  names: readonly string[],
  what: string,
  make: (name: string) => Command | Fault,
): Command | Fault {
  const wanted = text.toLowerCase();
  const exact = names.find((name) => name.toLowerCase() === wanted);
  if (exact !== undefined) return make(exact);
  const found = wanted === "" ? [] : names.filter((name) => name.toLowerCase().startsWith(wanted));
  if (found.length === 1 && found[0] !== undefined) return make(found[0]);
  if (found.length > 1) return fault("several", { word: text, known: listed(found) });
  return fault(what, { word: text, known: listed(names) });
}

/** The SKU that a word means: its own name, else the only one whose name or title begins so. */
function productOf(word: string, known: Known): string | Fault {
  const wanted = word.toLowerCase();
  const link = /^\d+$/.test(word) ? known.links.get(Number(word)) : undefined;
  const exact = known.skus.find(({ sku }) => sku.toLowerCase() === wanted);
  if (exact !== undefined) return exact.sku;
  if (link !== undefined) return link;
  const begins = (text: string) => text.toLowerCase().startsWith(wanted);
  const found = known.skus.filter(({ sku, title }) => begins(sku) || begins(title));
  if (found.length === 1 && found[0] !== undefined) return found[0].sku;
  if (found.length === 0) return fault("unknown", { word });
  return fault("several", { word, known: listed(found.map(({ sku, title }) => title || sku)) });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_MAX).join(", ");
  return names.length > NAMED_MAX ? `${shown}, …` : shown || "–";
}

function fault(name: string, values: Readonly<Record<string, string | number>>): Fault {
  return { kind: "fault", fault: `command.fault.${name}`, values };
}
