/** Goods that have arrived: what, how many, and a word on where they come from. Where two people enter them, or they have
 * lots, that is done in Counts. */

import { useMemo, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { go } from "../../address";
import { useConsole } from "../../console";
import { receive } from "../../operations/goods";
import { Perform } from "../../operations/Perform";
import { NEW_RECEIPT } from "../checklist/cures";
import { TextField } from "../form/Plain";
import { SkuPicker, skuOf } from "../form/SkuPicker";
import { UnitsField } from "../form/UnitsField";

const UNITS_MAX = 1_000_000_000;

export function Receive() {
  const settings = useConsole().kept.settings.want().value;
  if (settings === null) return <p aria-busy="true">{t("before.reading")}</p>;
  return (
    <>
      {!settings.receipts_by_two && <AtOnce />}
      <p class={settings.receipts_by_two ? "empty" : "quiet"}>
        {t(settings.receipts_by_two ? "before.goods.by_two" : "before.goods.receipt")}{" "}
        <button type="button" onClick={() => go(NEW_RECEIPT)}>
          {t("before.goods.new_receipt")}
        </button>
      </p>
    </>
  );
}

/** By one person, without lots. */
function AtOnce() {
  const it = useConsole();
  const [typed, setTyped] = useState("");
  const [units, setUnits] = useState<number | null>(null);
  const [reason, setReason] = useState("");
  const meant = skuOf(typed, it.kept.skus.want().value ?? []);
  const operation = useMemo(
    () => (meant === null || units === null ? null : receive(it, meant.sku, units, reason.trim())),
    [it, meant?.sku, units, reason],
  );
  const clear = () => {
    setTyped("");
    setUnits(null);
    setReason("");
  };
  return (
    <div class="card narrow-form">
      <SkuPicker label={t("before.sku")} text={typed} onText={setTyped} />
      <UnitsField label={t("before.goods.units")} value={units} onValue={setUnits} max={UNITS_MAX} />
      <TextField label={t("before.goods.reason")} value={reason} onValue={setReason} />
      {operation === null ? (
        <p class="quiet">{t("before.goods.missing")}</p>
      ) : (
        <Perform operation={operation} onDone={clear} onCancel={clear} />
      )}
    </div>
  );
}
