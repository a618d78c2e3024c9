/** Says in time that the link is about to expire: the page that comes then shows nothing of the show. */

import type { Access } from "../shared/access";
import { useSecond } from "../shared/clock";
import { clockTime } from "../shared/format";
import { t } from "../shared/i18n";
import { expiryOfToken } from "./role";

/** Time enough to have another link made, and not so long that nobody sees it any more. */
const WARNED_MS = 10 * 60_000;

/** A guest's pass is renewed by itself. */
export function LinkEnd({ access }: { access: Access }) {
  const second = useSecond();
  const endsAtMs = access.kind.value === "link" ? expiryOfToken(access.current()) : null;
  const leftMs = endsAtMs === null ? Number.POSITIVE_INFINITY : endsAtMs - second.value;
  const isNear = leftMs <= WARNED_MS;
  return (
    <>
      {/* A screen reader is told once, not every second how long. */}
      <p class="visually-hidden" role="status">
        {isNear && t("link.ends_soon")}
      </p>
      {isNear && (
        <p class="link-end" aria-hidden="true">
          {t("link.ends", { wait: clockTime(leftMs) })}
        </p>
      )}
    </>
  );
}
