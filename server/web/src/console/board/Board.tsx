import { t } from "../../shared/i18n";

export function Board() {
  return <h2>{t("shell.view.board")}</h2>;
}
