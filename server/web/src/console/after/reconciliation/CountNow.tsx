/** The count after the show: begun in one press, or gone on with. */

import { t } from "../../../shared/i18n";
import type { ReconciliationTotals, ShowItem } from "../../api/schema";
import type { Console } from "../../console";
import { useDesk } from "../../counts/desk";
import { goTo, linkTo } from "../../counts/parts";
import { isOver, progressText } from "../../counts/sentences";
import { Perform } from "../../operations/Perform";
import { countAfter } from "./operations";

interface Props {
  readonly it: Console;
  readonly show: ShowItem;
  readonly totals: ReconciliationTotals;
}

export function CountNow({ it, show, totals }: Props) {
  const { counts } = useDesk();
  const all = counts.want().value;
  if (all === null) return null;
  const open = all.find((each) => each.kind === "after" && each.room === show.room && !isOver(each));
  if (open !== undefined) {
    return (
      <p class="note">
        <a href={linkTo({ kind: "count", id: open.count })}>{t("after.count.open")}</a> · {progressText(open)}
      </p>
    );
  }
  return <Perform operation={countAfter(it, show, totals.skus, (id) => goTo({ kind: "count", id }))} />;
}
