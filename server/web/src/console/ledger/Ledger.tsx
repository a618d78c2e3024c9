import { t } from "../../shared/i18n";

export function Ledger() {
  return <h2>{t("shell.view.ledger")}</h2>;
}
