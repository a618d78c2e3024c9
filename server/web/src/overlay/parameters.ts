/** How an overlay looks, read from its address. Pure: it is told the parameters and tells what it could not use. */

import { LANGUAGES, spokenOf } from "../shared/i18n";

export const POSITIONS = ["bottom-left", "bottom", "bottom-right", "top-left", "top", "top-right"] as const;
export type Position = (typeof POSITIONS)[number];

export const PARTS = ["picture", "price", "bar", "waiting", "notice", "viewers"] as const;
/** What may be left out; the product and its count are what an overlay is for. */
export type Part = (typeof PARTS)[number];

export const SCALE_MIN = 0.5;
export const SCALE_MAX = 3;

export interface Appearance {
  /** CSS colours; null leaves the choice to the style sheet. */
  readonly accent: string | null;
  readonly text: string | null;
  readonly panel: string | null;
  readonly position: Position;
  readonly scale: number;
  readonly show: ReadonlySet<Part>;
}

export interface Reading {
  readonly appearance: Appearance;
  /** One sentence for each parameter that was passed over. */
  readonly complaints: readonly string[];
}

const NAMES = new Set(["accent", "text", "panel", "position", "scale", "show", "lang"]);
const NAME_LIST = [...NAMES].join(", ");
const HEX_COLOUR = /^#?(?:[0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})$/i;
/** Of a bad value no more than this is repeated in a complaint. */
const QUOTED_CHARACTERS_MAX = 40;

/** Take what is right and in bounds; whatever is not keeps its default and is told. */
export function readAppearance(query: URLSearchParams): Reading {
  const complaints: string[] = [];
  const colour = (name: string) => readColour(query, name, complaints);
  const appearance: Appearance = {
    accent: colour("accent"),
    text: colour("text"),
    panel: colour("panel"),
    position: readPosition(query, complaints),
    scale: readScale(query, complaints),
    show: readParts(query, complaints),
  };
  checkLanguage(query, complaints);
  for (const name of new Set(query.keys())) {
    if (!NAMES.has(name)) complaints.push(`${quoted(name)} is not a parameter of the overlay; it has ${NAME_LIST}`);
  }
  return { appearance, complaints };
}

function readColour(query: URLSearchParams, name: string, complaints: string[]): string | null {
  const value = query.get(name);
  if (value === null) return null;
  if (HEX_COLOUR.test(value)) return value.startsWith("#") ? value : `#${value}`;
  // An unescaped "#" begins the fragment: what comes after it, other parameters too, is not part of the query.
  const hint = value === "" ? `; write ${name}=ff8800, without "#"` : "";
  complaints.push(`${name}=${quoted(value)} is not a colour of 3, 4, 6 or 8 hexadecimal digits${hint}`);
  return null;
}

function readPosition(query: URLSearchParams, complaints: string[]): Position {
  const value = query.get("position");
  if (value === null) return "bottom-left";
  const position = POSITIONS.find((known) => known === value);
  if (position === undefined) complaints.push(`position=${quoted(value)} is none of ${POSITIONS.join(", ")}`);
  return position ?? "bottom-left";
}

function readScale(query: URLSearchParams, complaints: string[]): number {
  const value = query.get("scale");
  if (value === null) return 1;
  const scale = value.trim() === "" ? Number.NaN : Number(value);
  if (scale >= SCALE_MIN && scale <= SCALE_MAX) return scale;
  complaints.push(`scale=${quoted(value)} is not a number from ${SCALE_MIN} to ${SCALE_MAX}`);
  return 1;
}

function readParts(query: URLSearchParams, complaints: string[]): ReadonlySet<Part> {
  const value = query.get("show");
  if (value === null) return new Set(PARTS);
  const chosen = new Set<Part>();
  for (const name of value.split(",").filter((part) => part !== "" && part !== "none")) {
    const part = PARTS.find((known) => known === name);
    if (part === undefined) complaints.push(`show: ${quoted(name)} is none of ${PARTS.join(", ")}, none`);
    else chosen.add(part);
  }
  return chosen;
}

/** The language is taken from the address as on every page (shared/i18n.ts), which passes one over in silence. */
function checkLanguage(query: URLSearchParams, complaints: string[]): void {
  const value = query.get("lang");
  if (value === null || spokenOf(value)) return;
  complaints.push(`lang=${quoted(value)} is none of ${LANGUAGES.join(", ")}`);
}

function quoted(value: string): string {
  return JSON.stringify(value.length > QUOTED_CHARACTERS_MAX ? `${value.slice(0, QUOTED_CHARACTERS_MAX)}…` : value);
}
