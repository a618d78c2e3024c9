/** A fresh report, asked for by hand. */

import { t } from "../../../shared/i18n";
import type { Console } from "../../console";
import type { Operation } from "../../operations/operation";
import { notYours } from "../../operations/show";
import { writeReport } from "./reading";

export function writeNow(it: Console, show: string): Operation {
  return {
    label: t("after.write"),
    says: () => t("after.write.says"),
    hindered: () => notYours(it, "keep"),
    done: t("after.write.done"),
    of: show,
    run: (key) => writeReport(it, show, key),
  };
}
