import type { ClientError } from "@shelfcast/client";
import { useNow } from "./clock";
import { closedKey } from "./closed";
import { age } from "./format";
import { t } from "./i18n";
import type { Connection, Live } from "./live";
import { whyText } from "./why";
import "./Stale.css";

/**
 * Says that the counts are not live and how old they are, or why the page is closed; nothing while all is well.
 *
 * A screen reader is told once that the connection is gone, not every second how long.
 */
export function Stale({ live }: { live: Live }) {
  const connection = live.connection.value;
  const { current, error } = connection;
  const now = useNow();
  const text = current ? "" : staleText(connection, now.value);
  const announced = current ? "" : error ? text : t(announcedKey(connection));
  return (
    <>
      <p class="visually-hidden" role="status">
        {announced}
      </p>
      {text && (
        <p class={error ? "stale stale-closed" : "stale"} aria-hidden="true">
          {text}
        </p>
      )}
    </>
  );
}

/** How old the counts of a connection are, and why. */
export function staleText(connection: Connection, nowMs: number): string {
  return `${oldText(connection, nowMs)} ${whyText(connection, nowMs)}`.trimEnd();
}

function oldText({ blind, error, oldSinceMs, retryAtMs }: Connection, nowMs: number): string {
  if (error) return closedText(error);
  if (oldSinceMs === null) return t("stale.connecting");
  const old = age(Math.max(0, nowMs - oldSinceMs));
  if (blind) return t("stale.blind", { age: old });
  const waitMs = retryAtMs === null ? 0 : retryAtMs - nowMs;
  return waitMs >= 1000 ? t("stale.waiting", { age: old, wait: age(waitMs) }) : t("stale.reconnecting", { age: old });
}

function announcedKey({ blind, oldSinceMs }: Connection): string {
  if (oldSinceMs === null) return "stale.connecting";
  return blind ? "stale.blind_said" : "stale.lost";
}

/** Why a page is closed for good, in plain words; `hadToken` is whether it came with a token at all. */
export function closedText(error: ClientError, hadToken = true): string {
  return t(closedKey(error, hadToken), { detail: error.message });
}
