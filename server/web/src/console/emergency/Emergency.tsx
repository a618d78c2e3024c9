import { t } from "../../shared/i18n";

export function Emergency() {
  return <h2>{t("shell.view.emergency")}</h2>;
}
