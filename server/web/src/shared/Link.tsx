/** The number that the host calls a product by. Said for everybody, so it stands in the text and not in the picture. */

import { t } from "./i18n";

export function Link({ link }: { link: number | null }) {
  return link === null ? null : <span class="link-number">{t("link.number", { link })} </span>;
}
