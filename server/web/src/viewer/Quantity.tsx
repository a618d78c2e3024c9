/** How many to reserve: fewer, more; never more than the offer allows just now. */

import { type Signal, useComputed } from "@preact/signals";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { quantity } from "./model/offer";
import { useViewer } from "./model/viewer";

export function Quantity({ sku, chosen, idle }: { sku: string; chosen: Signal<number>; idle: boolean }) {
  const viewer = useViewer();
  const qty = useComputed(() => quantity(chosen.value, viewer.most(sku)));
  const text = useComputed(() => count(qty.value));
  const atLeast = useComputed(() => qty.value <= 1);
  const atMost = useComputed(() => qty.value >= viewer.most(sku));
  const title = viewer.title(sku);
  const step = (by: number) => {
    if (idle) chosen.value = quantity(qty.value + by, viewer.most(sku));
  };
  return (
    <div class="quantity" data-idle={idle ? "" : undefined}>
      <Step sign="−" label={t("buy.fewer", { title })} off={!idle || atLeast.value} onPress={() => step(-1)} />
      <output class="quantity-value" aria-label={t("buy.quantity", { title })}>
        {text}
      </output>
      <Step sign="+" label={t("buy.more", { title })} off={!idle || atMost.value} onPress={() => step(1)} />
    </div>
  );
}

/** Not `disabled`: a step that comes to its end under the finger keeps the focus. */
function Step({ sign, label, off, onPress }: { sign: string; label: string; off: boolean; onPress: () => void }) {
  return (
    <button type="button" class="step" aria-label={label} aria-disabled={off} onClick={off ? undefined : onPress}>
      <span aria-hidden="true">{sign}</span>
    </button>
  );
}
