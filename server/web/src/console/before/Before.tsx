import { t } from "../../shared/i18n";

export function Before() {
  return <h2>{t("shell.view.before")}</h2>;
}
