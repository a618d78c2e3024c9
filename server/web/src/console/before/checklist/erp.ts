/** What the shop's ERP says is on hand: sent as a file, or by the ERP itself. */

import { signal } from "@preact/signals";
import { t } from "../../../shared/i18n";
import { type Answer, answerOf, answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { ChecklistItem, ErpLevelsNoted } from "../../api/schema";
import type { Console } from "../../console";
import { problemText } from "../../operations/problem";
import { kindOf } from "../import/importing";

export class ErpLevels {
  /** What came of the last file; null before one was sent. */
  readonly noted = signal<ErpLevelsNoted | null>(null);
  /** What stands against the last file. */
  readonly trouble = signal("");
  /** The name of the file that is being sent; "" while none is. */
  readonly sending = signal("");

  constructor(private readonly it: Console) {}

  /** When it was heard last of this SKU; null where it never was. */
  async heardAtMs(sku: string): Promise<number | null> {
    const params = { path: { pool: this.it.pool }, query: { sku } };
    const answer = await answerOf(this.it.api.GET("/v1/pools/{pool}/erp-levels", { params }));
    return answer.ok ? (answer.value.levels[0]?.at_ms ?? null) : null;
  }

  /** Send a file up. Nothing of it moves stock. */
  async send(file: File): Promise<boolean> {
    const kind = kindOf(file.name);
    this.noted.value = null;
    this.trouble.value = kind === "" ? t("before.import.kind", { name: file.name }) : "";
    if (kind === "") return false;
    this.sending.value = file.name;
    const answer: Answer<ErpLevelsNoted> = await answerOfWrite(() =>
      this.it.api.POST("/v1/pools/{pool}/erp-levels", {
        params: { path: { pool: this.it.pool }, header: { "Idempotency-Key": newKey() } },
        headers: { "Content-Type": kind },
        body: file as never,
        bodySerializer: (body) => body,
      }),
    );
    this.sending.value = "";
    if (answer.ok) this.noted.value = answer.value;
    else this.trouble.value = problemText(answer.problem, answer.status);
    return answer.ok;
  }
}

/** When the ERP was heard last, as far as the items of a checklist say; null where none does. */
export function lastHeard(items: readonly Pick<ChecklistItem, "check" | "values">[]): number | null {
  const times = items.filter(({ check }) => check === "erp").map(({ values }) => Number(values.at_ms ?? 0));
  const last = Math.max(0, ...times);
  return last === 0 ? null : last;
}
