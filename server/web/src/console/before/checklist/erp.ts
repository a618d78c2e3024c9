/** What the shop's ERP says is on hand: sent as a file, or by the ERP itself. */

import { signal } from "@preact/signals";
import { t } from "../../../shared/i18n";
import { type Answer, answerOf, answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { ErpNoted } from "../../api/schema";
import type { Console } from "../../console";
import { problemText } from "../../operations/problem";
import { kindOf } from "../import/importing";

export class ErpLevels {
  /** What came of the last file; null before one was sent. */
  readonly noted = signal<ErpNoted | null>(null);
  /** What stands against the last file. */
  readonly trouble = signal("");
  /** The name of the file that is being sent; "" while none is. */
  readonly sending = signal("");
  /** When the ERP was heard last; null where it never was. */
  readonly heardAtMs = signal<number | null>(null);

  constructor(private readonly it: Console) {}

  /** Ask when it was heard last. */
  async ask(): Promise<void> {
    const params = { path: { pool: this.it.pool } };
    const answer = await answerOf(this.it.api.GET("/v1/pools/{pool}/erp-levels", { params }));
    if (answer.ok) this.heardAtMs.value = answer.value.heard_at_ms;
  }

  /** Send a file up. Nothing of it moves stock. */
  async send(file: File): Promise<boolean> {
    const kind = kindOf(file.name);
    this.noted.value = null;
    this.trouble.value = kind === "" ? t("before.import.kind", { name: file.name }) : "";
    if (kind === "") return false;
    this.sending.value = file.name;
    const answer: Answer<ErpNoted> = await answerOfWrite(() =>
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
