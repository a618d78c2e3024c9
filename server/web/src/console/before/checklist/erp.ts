/** What the shop's ERP says is on hand: sent as a file, or by the ERP itself. */

import { signal } from "@preact/signals";
import { t } from "../../../shared/i18n";
import { type Answer, answerOf, answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { ChecklistItem, ErpLevelsNoted, JobAnswer, Problem } from "../../api/schema";
import type { Console } from "../../console";
import { problemText } from "../../operations/problem";
import { kindOf } from "../import/importing";

/** How often it is asked whether a long file has been read, in ms. */
const ASKED_EVERY_MS = 500;
/** The status of a file that could not be read by a job. */
const FAILED = 422;

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
    const answer = await answerOfWrite(() =>
      this.it.api.POST("/v1/pools/{pool}/erp-levels", {
        params: { path: { pool: this.it.pool }, header: { "Idempotency-Key": newKey() } },
        headers: { "Content-Type": kind },
        body: file as never,
        bodySerializer: (body) => body,
      }),
    );
    const noted = answer.ok ? await this.#done(answer.value) : answer;
    this.sending.value = "";
    if (noted.ok) this.noted.value = noted.value;
    else this.trouble.value = problemText(noted.problem, noted.status);
    return noted.ok;
  }

  /** What came of it; of a job, when it is done. */
  async #done(begun: ErpLevelsNoted | JobAnswer): Promise<Answer<ErpLevelsNoted>> {
    let now = begun;
    while ("job" in now) {
      const params = { path: { pool: this.it.pool, job: now.job } };
      if (now.state === "done") return { ok: true, value: now.result as ErpLevelsNoted, action: "", etag: "" };
      if (now.state === "failed" || now.state === "cancelled") {
        return {
          ok: false,
          status: FAILED,
          problem: { code: now.code as Problem["code"], detail: now.reason },
          again: false,
        };
      }
      await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY_MS));
      const answer = await answerOf(this.it.api.GET("/v1/pools/{pool}/jobs/{job}", { params }));
      if (answer.ok) now = answer.value;
      else if (!answer.again) return answer;
    }
    return { ok: true, value: now, action: "", etag: "" };
  }
}

/** When the ERP was heard last, as far as the items of a checklist say; null where none does. */
export function lastHeard(items: readonly Pick<ChecklistItem, "check" | "values">[]): number | null {
  const times = items.filter(({ check }) => check === "erp").map(({ values }) => Number(values.at_ms ?? 0));
  const last = Math.max(0, ...times);
  return last === 0 ? null : last;
}
