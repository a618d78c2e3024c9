/** Lists that show what is open, and what is over where that is asked for. */

import { useState } from "preact/hooks";
import { t } from "../../shared/i18n";

/** Which of these are shown, and the tick that asks for those that are over; null where there are none. */
export function useShown<T>(all: readonly T[] | null, isOver: (item: T) => boolean) {
  const [old, setOld] = useState(false);
  const over = all?.filter(isOver).length ?? 0;
  const tick =
    over > 0 ? (
      <label class="tick">
        <input type="checkbox" checked={old} onChange={(event) => setOld(event.currentTarget.checked)} />
        {t("counts.over", { count: over })}
      </label>
    ) : null;
  return { shown: all?.filter((each) => old || !isOver(each)) ?? [], tick };
}
