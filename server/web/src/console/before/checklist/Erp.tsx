/** The book beside what the shop's ERP says: drop its file here, or see when it was heard last. */

import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { count, timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { useConsole } from "../../console";
import { ChooseFile } from "../../file/ChooseFile";
import { useDroppedFile } from "../../file/dropping";
import { ERP_PART } from "./cures";
import { ErpLevels, lastHeard } from "./erp";
import type { Reading } from "./reading";

/** SKUs that are named; the rest is counted. */
const NAMED_MAX = 10;

export function Erp({ reading }: { readonly reading: Reading }) {
  const it = useConsole();
  const levels = useMemo(() => new ErpLevels(it), [it]);
  const list = reading.open.value.value;
  const ofItems = lastHeard(list?.items ?? []);
  const [ofOne, setOfOne] = useState<number | null>(null);
  const sku = it.kept.listings.want().value?.[0]?.sku;
  useEffect(() => {
    if (sku !== undefined) void levels.heardAtMs(sku).then(setOfOne);
  }, [levels, sku, list?.seq]);
  const send = useCallback(
    async (file: File) => {
      if (await levels.send(file)) await reading.now();
    },
    [levels, reading],
  );
  const over = useDroppedFile(useCallback((file: File) => void send(file), [send]));
  const sending = levels.sending.value;
  const heard = Math.max(ofItems ?? 0, ofOne ?? 0);
  return (
    <section class="card" aria-labelledby={ERP_PART}>
      <h4 id={ERP_PART} tabIndex={-1}>
        {t("erp.title")}
      </h4>
      <p class="quiet">{heard === 0 ? t("erp.never") : t("erp.heard", { at: timeOrDate(heard) })}</p>
      {levels.trouble.value !== "" && (
        <p class="field-fault" role="alert">
          {levels.trouble.value}
        </p>
      )}
      <Noted levels={levels} />
      <div class="drop low" data-over={over} aria-busy={sending !== ""}>
        <p>{sending === "" ? t("erp.drop") : t("before.import.sending", { name: sending })}</p>
        <ChooseFile label={t("before.import.choose")} disabled={sending !== ""} onFile={(file) => void send(file)} />
        <p class="quiet">{t("erp.kinds")}</p>
      </div>
    </section>
  );
}

function Noted({ levels }: { readonly levels: ErpLevels }) {
  const noted = levels.noted.value;
  if (noted === null) return null;
  const { unknown, unknown_count: passedOver, differing } = noted;
  const named = unknown.slice(0, NAMED_MAX).join(t("before.list.between"));
  return (
    <div role="status">
      <p>
        {t("erp.noted", { count: noted.noted, n: count(noted.noted) })}{" "}
        {t("erp.differing", { count: differing, n: count(differing) })}
      </p>
      {passedOver > 0 && (
        <p class="quiet">{t("erp.unknown", { count: passedOver, n: count(passedOver), skus: named })}</p>
      )}
    </div>
  );
}
