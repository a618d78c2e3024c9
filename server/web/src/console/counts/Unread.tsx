/** Where something could not be read: it is being read, or there is no connection; what is typed stays. */

import { t } from "../../shared/i18n";
import type { Problem } from "../api/schema";
import type { Kept } from "../live/kept";
import { unreadText } from "../operations/problem";

const CODES: Readonly<Record<number, Problem["code"]>> = { 403: "FORBIDDEN", 404: "NOT_FOUND" };

export function Unread({ kept }: { readonly kept: Pick<Kept<unknown>, "value" | "trouble"> }) {
  const trouble = kept.trouble.value;
  if (trouble === 0) {
    return (
      <p class="fault" role="alert">
        {t("counts.offline")}
      </p>
    );
  }
  if (trouble === 401) return null;
  if (trouble !== null) {
    return (
      <p class="fault" role="alert">
        {unreadText({ code: CODES[trouble] ?? "UNAVAILABLE" }, trouble)}
      </p>
    );
  }
  return kept.value.value === null ? <p aria-busy="true">{t("counts.reading")}</p> : null;
}
