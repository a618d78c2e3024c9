/** An alert in one line. */

import type { Alert } from "@shelfcast/client/pool";
import { t } from "../../../shared/i18n";
import { aboutText, ruleText } from "../../../staff/alertWords";

export function alertText(alert: Alert, titleOf: (sku: string) => string): string {
  const title = aboutText(alert, titleOf(alert.sku));
  return t("attention.alert", { title, what: ruleText(alert) });
}
