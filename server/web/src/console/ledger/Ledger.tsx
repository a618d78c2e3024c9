/** What happened to units: a search of both ledgers, and a reservation's whole story in words. */

import { useEffect, useMemo } from "preact/hooks";
import { serverNowMs } from "../../shared/clock";
import { t } from "../../shared/i18n";
import { useConsole } from "../console";
import type { Names } from "./entryWords";
import { Results } from "./Results";
import { SearchForm } from "./SearchForm";
import { Story } from "./Story";
import { searchingOf } from "./searches";
import { exactTime } from "./when";
import "./ledger.css";

export function Ledger() {
  const it = useConsole();
  const searching = searchingOf(it);
  const names: Names = useMemo(
    () => ({ titleOf: (sku) => it.titleOf(sku), timeOf: (atMs) => exactTime(atMs, serverNowMs()) }),
    [it],
  );
  useEffect(() => {
    it.kept.skus.want();
    if (searching.found.peek() === null && !searching.busy.peek()) void searching.search();
  }, []);
  return (
    <section class="ledger">
      <h2>{t("shell.view.ledger")}</h2>
      <SearchForm searching={searching} />
      <div class="ledger-below" data-story={searching.open.value !== ""}>
        <Results searching={searching} names={names} />
        {searching.open.value !== "" && <Story searching={searching} names={names} />}
      </div>
    </section>
  );
}
