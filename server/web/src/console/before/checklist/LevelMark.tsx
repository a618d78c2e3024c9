/** How an item stands: a shape of its own for each level, and a word for those who do not see it. */

import { t } from "../../../shared/i18n";
import type { ChecklistItem } from "../../api/schema";

const SHAPES: Readonly<Record<ChecklistItem["level"], string>> = { fail: "✕", warn: "!", pass: "✓" };

export function LevelMark({ level }: { readonly level: ChecklistItem["level"] }) {
  return (
    <span class="check-mark" data-level={level}>
      <span aria-hidden="true">{SHAPES[level]}</span>
      <span class="visually-hidden">{t(`checklist.level.${level}`)}:</span>
    </span>
  );
}
