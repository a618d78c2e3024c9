/** Why this page shows nothing, and how to get a link that does. */

import type { ClientError } from "@shelfcast/client";
import { closedKey } from "../shared/closed";
import { t } from "../shared/i18n";
import { LanguageSwitch } from "../shared/LanguageSwitch";
import { closedText } from "../shared/Stale";

interface Props {
  readonly room: string;
  /** Null where the room is open, but not to a host without a token of one. */
  readonly error: ClientError | null;
  /** Whether the page came with a token at all. */
  readonly hadToken?: boolean;
}

export function NoAccess({ room, error, hadToken = true }: Props) {
  // No link helps where there is no room, or where the server takes no page of this address.
  const missing = error !== null && ["closed.no_room", "closed.origin"].includes(closedKey(error, hadToken));
  return (
    <main class="no-access">
      <LanguageSwitch />
      <h1>{error === null ? t("access.title") : closedText(error, hadToken)}</h1>
      {!missing && (
        <>
          <p>{t("access.why")}</p>
          <ol>
            <li>
              <p>{t("access.mint")}</p>
              <pre>
                <code>shelfcast token --role host --user host-1 --room {room}</code>
              </pre>
            </li>
            <li>
              <p>{t("access.open")}</p>
              <pre>
                <code>
                  {location.origin}/host/{room}#token=…
                </code>
              </pre>
            </li>
          </ol>
          <p class="quiet">{t("access.secret")}</p>
        </>
      )}
    </main>
  );
}
