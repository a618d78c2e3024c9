/** More units for a batch that is not open yet, or some of them back into the pool. */

import { useMemo, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import type { Batch } from "../../api/schema";
import { useConsole } from "../../console";
import { fillBatch } from "../../operations/goods";
import { Perform } from "../../operations/Perform";
import { SkuPicker, skuOf } from "../form/SkuPicker";
import { UnitsField } from "../form/UnitsField";

const UNITS_MAX = 1_000_000_000;

interface Props {
  readonly batch: Batch;
  readonly called: string;
  readonly onClose: () => void;
}

export function FillBatch({ batch, called, onClose }: Props) {
  const it = useConsole();
  const [typed, setTyped] = useState("");
  const [units, setUnits] = useState<number | null>(null);
  const [back, setBack] = useState(false);
  const meant = skuOf(typed, it.kept.skus.want().value ?? []);
  const operation = useMemo(
    () =>
      meant !== null && units !== null ? fillBatch(it, meant.sku, batch.batch, called, back ? -units : units) : null,
    [it, meant?.sku, units, back, batch.batch, called],
  );
  return (
    <section class="card" aria-label={t("before.batch.fill")}>
      <SkuPicker label={t("before.sku")} text={typed} onText={setTyped} />
      <UnitsField label={t("before.units")} value={units} onValue={setUnits} max={UNITS_MAX} />
      <label>
        <input type="checkbox" checked={back} onChange={(event) => setBack(event.currentTarget.checked)} />
        {t("before.batch.fill_back")}
      </label>
      {operation === null ? (
        <button type="button" onClick={onClose}>
          {t("do.cancel")}
        </button>
      ) : (
        <Perform
          operation={operation}
          onDone={() => {
            it.kept.batches.changed();
            onClose();
          }}
          onCancel={onClose}
        />
      )}
    </section>
  );
}
