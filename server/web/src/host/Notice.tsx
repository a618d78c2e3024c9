import { t } from "../shared/i18n";
import type { Live } from "../shared/live";

/** The notice that everybody reads, while there is one. */
export function Notice({ live }: { live: Live }) {
  const notice = live.notice.value;
  if (notice === null || notice.text === "") return null;
  return (
    <section class="notice" aria-labelledby="notice-title">
      <h2 id="notice-title">{t("notice.title")}</h2>
      <p>{notice.text}</p>
    </section>
  );
}
