/** What of the view After is shown: the part of the address behind the view. `{show}/{tab}`, and behind that what the tab shows in
 * particular; a dash stands for the show where none is chosen. */

import { addressOf, go, where } from "../address";

/** Of one show. */
export const SHOW_TABS = ["reconciliation", "report", "suggested", "replay"] as const;
/** Of the whole pool. */
export const POOL_TABS = ["days", "archive"] as const;
export type Tab = (typeof SHOW_TABS | typeof POOL_TABS)[number];
const TABS: readonly Tab[] = [...SHOW_TABS, ...POOL_TABS];

export interface Place {
  /** "" where none is chosen: then it is the newest. */
  readonly show: string;
  readonly tab: Tab;
  /** A SKU, a minute; "" for the whole. */
  readonly detail: string;
}

const NO_SHOW = "-";

/** The place that an address says; a tab that there is not is the first. */
export function placeOf(text: string): Place {
  const [show = "", tab = "", ...detail] = text.split("/");
  const known = TABS.find((each) => each === tab);
  return {
    show: show === NO_SHOW ? "" : show,
    tab: known ?? SHOW_TABS[0],
    detail: known === undefined ? "" : detail.join("/"),
  };
}

export function textOf({ show, tab, detail }: Place): string {
  const whole = `${show === "" ? NO_SHOW : show}/${tab}`;
  return detail === "" ? whole : `${whole}/${detail}`;
}

/** The address of a place, for a link. What is not named stays, but for the detail. */
export function linkTo(to: Partial<Place>): string {
  return addressOf({ ...where.value, view: "after", part: textOf(beside(to)) });
}

/** Go there. */
export function goTo(to: Partial<Place>): void {
  go({ view: "after", part: textOf(beside(to)) });
}

/** Say in the address what of this place is shown, without a step for the browser's Back. */
export function stayAt(detail: string): void {
  location.replace(addressOf({ ...where.value, view: "after", part: textOf({ ...here(), detail }) }));
}

/** Where one is. */
export function here(): Place {
  return placeOf(where.value.view === "after" ? (where.value.part ?? "") : "");
}

function beside(to: Partial<Place>): Place {
  return { ...here(), detail: "", ...to };
}
