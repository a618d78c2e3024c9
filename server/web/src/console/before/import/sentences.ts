/** What an import will do, in units and rows. */

import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { CataloguePreview, ImportItem } from "../../api/schema";

/** The sentence before it is applied: "makes 12 SKUs, changes 3, receives 1,240 units; 1 bad row stays out". */
export function applyText(preview: CataloguePreview, room: string): string {
  const sums = setAsideOf(preview);
  const does = [
    preview.new > 0 && t("before.import.makes", { count: preview.new }),
    preview.changed > 0 && t("before.import.changes", { count: preview.changed }),
    preview.receives > 0 && t("before.import.receives", { count: preview.receives, units: count(preview.receives) }),
    sums.safety > 0 && t("before.import.safety", { units: count(sums.safety) }),
    sums.elastic > 0 && t("before.import.elastic", { units: count(sums.elastic) }),
  ].filter((each) => each !== false);
  const rest = [
    does.length === 0
      ? t("before.import.nothing")
      : t("before.import.does", { what: does.join(t("before.list.between")) }),
    room !== "" && t("before.import.lists", { room }),
    preview.same > 0 && t("before.import.same", { count: preview.same }),
    preview.bad > 0 && t("before.import.bad", { count: preview.bad }),
  ].filter((each) => each !== false);
  return rest.join(t("before.sentence.between"));
}

function setAsideOf({ changes }: CataloguePreview) {
  return changes.reduce((sums, row) => ({ safety: sums.safety + row.safety, elastic: sums.elastic + row.elastic }), {
    safety: 0,
    elastic: 0,
  });
}

/** Where an import stands. */
export function stateText({ state, done, of }: ImportItem): string {
  return t(`before.import.state.${state}`, { done: count(done), of: count(of) });
}

/** What came of it, once it is written. */
export function resultText({ done, of, refused_count }: ImportItem): string {
  return [
    t("before.import.written", { count: Math.max(0, done - refused_count), of: count(of) }),
    refused_count > 0 && t("before.import.refused", { count: refused_count }),
  ]
    .filter(Boolean)
    .join(t("before.sentence.between"));
}
