/** What is looked at after a show. */

import { t } from "../../../shared/i18n";

export function AfterShow() {
  return <p class="empty">{t("counts.after.none")}</p>;
}
