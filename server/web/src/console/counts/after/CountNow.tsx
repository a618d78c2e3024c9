/** The count after the show: begun in one press, or gone on with. */

import { t } from "../../../shared/i18n";
import type { ReconciliationTotals } from "../../api/schema";
import type { Console } from "../../console";
import { Perform } from "../../operations/Perform";
import { useDesk } from "../desk";
import { goTo, linkTo } from "../parts";
import { isOver, progressText } from "../sentences";
import { countAfter } from "./operations";

interface Props {
  readonly it: Console;
  readonly show: string;
  readonly totals: ReconciliationTotals;
}

export function CountNow({ it, show, totals }: Props) {
  const { counts } = useDesk();
  const all = counts.want().value;
  if (all === null) return null;
  const open = all.find((each) => each.kind === "after" && each.room === it.room && !isOver(each));
  if (open !== undefined) {
    return (
      <p class="note">
        <a href={linkTo({ kind: "count", id: open.count })}>{t("after.count.open")}</a> · {progressText(open)}
      </p>
    );
  }
  return <Perform operation={countAfter(it, show, totals.skus, (id) => goTo({ kind: "count", id }))} />;
}
