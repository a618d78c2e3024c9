/** Who stands for what a count found, and the step that moves it: nothing takes that back. */

import { count, timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { CountItem } from "../../api/schema";
import { useConsole } from "../../console";
import { Perform } from "../../operations/Perform";
import { may } from "../../rights";
import { useDesk } from "../desk";
import type { SheetRows } from "../sheet/rows";
import { effectOf } from "./differences";
import { applyCount, effectText, signCount } from "./operations";
import { nextOf } from "./signing";

interface Props {
  readonly rows: SheetRows;
  readonly item: CountItem;
}

export function Signing({ rows, item }: Props) {
  const it = useConsole();
  const desk = useDesk();
  const bySku = rows.value.value;
  // What lies where changes while it sells.
  const effect = effectOf([...(bySku?.values() ?? [])], (sku) => it.live.units(sku).value);
  const next = nextOf(item, desk.user);
  const maySign = may(it.login.session.value, "sign");
  const uncounted = item.rows - item.counted_rows;
  const work = { desk, rows, item };
  return (
    <section class="signing card" aria-labelledby="count-signing">
      <h3 id="count-signing">{t("counts.signing")}</h3>
      <Blockers item={item} />
      {uncounted > 0 && <p>{t("counts.signing.uncounted", { count: uncounted, shown: count(uncounted) })}</p>}
      <p>
        {t((item.signatures_needed ?? 1) > 1 ? "counts.signing.two" : "counts.signing.one", {
          count: item.over ?? 0,
          most: count(item.sign_over),
        })}
      </p>
      {item.signatures.length > 0 && (
        <ul class="signatures">
          {item.signatures.map(({ by, at_ms }) => (
            <li key={by}>{t("counts.signing.by", { who: by, at: timeOrDate(at_ms) })}</li>
          ))}
        </ul>
      )}
      {next.kind === "wait" && (
        <p class="waiting">
          {t("counts.signing.wait")} {effectText(effect)}
        </p>
      )}
      {maySign && next.kind === "sign" && <Perform key={item.revision} operation={signCount(work, effect)} />}
      {maySign && next.kind === "apply" && <Perform key={item.revision} operation={applyCount(work, effect)} />}
    </section>
  );
}

/** What has to be done before anybody signs. */
function Blockers({ item }: { readonly item: CountItem }) {
  const blockers = [
    ["asking", item.asking],
    ["recounts", item.recounts ?? 0],
    ["unreasoned", item.unreasoned ?? 0],
  ] as const;
  const shown = blockers.filter(([, n]) => n > 0);
  if (shown.length === 0) return null;
  return (
    <>
      <p>{t("counts.signing.before")}</p>
      <ul>
        {shown.map(([key, n]) => (
          <li key={key}>{t(`counts.wait.${key}`, { count: n, shown: count(n) })}</li>
        ))}
      </ul>
    </>
  );
}
