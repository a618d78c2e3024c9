/** What of the counts is shown: the part of the address behind the view. */

import { addressOf, go, where } from "../address";

export const TABS = ["counts", "receipts"] as const;
export type Tab = (typeof TABS)[number];

export type Part =
  | { readonly kind: Tab }
  | { readonly kind: "count" | "receipt"; readonly id: string }
  | { readonly kind: "new_count" | "new_receipt" };

const ALONE = ["receipts", "new_count", "new_receipt"] as const;

/** The part that an address says; the list of counts where it says none. */
export function partOf(text: string): Part {
  const [kind = "", ...rest] = text.split("/");
  const id = rest.join("/");
  if ((kind === "count" || kind === "receipt") && id !== "") return { kind, id };
  const alone = ALONE.find((each) => each === kind);
  return { kind: alone ?? "counts" };
}

/** The tab that a part belongs to. */
export function tabOf(part: Part): Tab {
  return part.kind === "receipts" || part.kind === "receipt" || part.kind === "new_receipt" ? "receipts" : "counts";
}

function textOf(part: Part): string {
  if (part.kind === "counts") return "";
  return "id" in part ? `${part.kind}/${part.id}` : part.kind;
}

export function goTo(part: Part): void {
  go({ view: "counts", part: textOf(part) });
}

/** The address of a part, for a link. */
export function linkTo(part: Part): string {
  return addressOf({ ...where.value, view: "counts", part: textOf(part) });
}
