/** What the room is: its title, whether it is live, how many watch. */

import { useComputed } from "@preact/signals";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { LanguageSwitch } from "../shared/LanguageSwitch";
import { useViewer } from "./model/viewer";
import "./header.css";

const STATUSES = ["scheduled", "live", "paused", "ended"];

export function Header({ title }: { title: string }) {
  const { live } = useViewer();
  const status = live.status.value;
  const viewers = useComputed(() => count(live.viewers.value));
  const watching = useComputed(() => t("page.viewers", { count: live.viewers.value }));
  const known = live.connection.value.oldSinceMs !== null || live.connection.value.current;
  return (
    <header class="header">
      <h1 class="room-title">{title}</h1>
      <p class="room-facts" data-known={known ? "" : undefined}>
        <span class="status" data-status={status}>
          {STATUSES.includes(status) ? t(`status.${status}`) : status}
        </span>
        <span class="viewers">
          {viewers} <span class="viewers-word">{watching}</span>
        </span>
      </p>
      <LanguageSwitch />
    </header>
  );
}
