/** Why something that is kept in the archive could not be read. */

import { t } from "../../../shared/i18n";
import { unreadText } from "../../operations/problem";

const GONE = 410;
const AWAY = 503;

interface Props {
  /** The status of the answer; 0: none came; null: all is well. */
  readonly trouble: number | null;
  readonly onAgain: () => void;
}

export function AwayText({ trouble, onAgain }: Props) {
  if (trouble === null || trouble === 401) return null;
  return (
    <p class="fault" role="alert">
      {textOf(trouble)}{" "}
      <button type="button" onClick={onAgain}>
        {t("after.again")}
      </button>
    </p>
  );
}

function textOf(trouble: number): string {
  if (trouble === 0) return t("counts.offline");
  if (trouble === AWAY) return t("after.away.archive");
  if (trouble === GONE) return t("after.away.gone");
  if (trouble === 404) return t("after.away.none");
  return unreadText(trouble === 403 ? { code: "FORBIDDEN" } : {}, trouble);
}
