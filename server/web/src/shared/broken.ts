/** What a page says in the place of what it cannot draw. */

import { t } from "./i18n";

export function sayBroken(place: HTMLElement): void {
  const note = document.createElement("p");
  note.setAttribute("role", "alert");
  note.textContent = t("broken");
  place.append(note);
}
