/** A cure that the server has made ready: a request, and in words what it does. */

import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { type Answer, answerOfWrite } from "../../api/client";
import type { CureItem } from "../../api/schema";
import type { Console } from "../../console";
import type { Operation } from "../../operations/operation";
import { shownValues } from "./sentences";

/** What a cure mends, as far as its words need it. */
export interface Of {
  readonly sku: string | null;
  readonly title: string;
  readonly values: Readonly<Record<string, unknown>>;
}

interface Fetched {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}
type Send = (method: string, path: string, init: object) => Promise<Fetched>;

/** Nothing but this server's own API is called. */
const API = "/v1/";

/** Whether a cure is a request that can be sent as it is. */
export function isReady({ method, path }: Pick<CureItem, "method" | "path">): boolean {
  return method !== null && path?.startsWith(API) === true;
}

/** What a cure is called on its button. */
export function cureLabel(cure: CureItem, item: Of): string {
  return worded(`checklist.cure.${cure.kind}`, cure, item) ?? t("checklist.cure");
}

/** Carry out a cure that is ready. `again` has the checklist read again. */
export function request(it: Console, item: Of, cure: CureItem, again: () => Promise<void>): Operation {
  const label = cureLabel(cure, item);
  return {
    label,
    says: () => worded(`checklist.cure.${cure.kind}.says`, cure, item) ?? t("checklist.cure.says", { label }),
    hindered: () => notFor(it, cure),
    done: worded(`checklist.cure.${cure.kind}.done`, cure, item) ?? t("checklist.cure.done", { label }),
    of: `${item.sku ?? ""} ${cure.path} ${JSON.stringify(cure.body)}`,
    run: async (key) => {
      const answer = await send(it, cure, key);
      await again();
      return answer;
    },
  };
}

/** Why this caller may not; "" where it may. */
export function notFor(it: Console, { role }: Pick<CureItem, "role">): string {
  const mine = it.login.session.value?.role;
  return mine === "operator" || mine === role ? "" : t("checklist.not_yours", { role: t(`checklist.role.${role}`) });
}

function send(it: Console, { method, path, body }: CureItem, key: string): Promise<Answer<unknown>> {
  const call = it.api.request as unknown as Send;
  const headers = { "Idempotency-Key": key };
  return answerOfWrite(() => call((method ?? "").toLowerCase(), path ?? "", { headers, body: body ?? {} }));
}

/** Words with the numbers of the request and of the item; undefined where this page has none for it. */
function worded(key: string, { about, body }: CureItem, { sku, title, values }: Of): string | undefined {
  const all = { ...values, ...about, ...body };
  const units = body?.qty ?? about.units;
  const after = typeof units === "number" && typeof values.available === "number" ? values.available + units : 0;
  const words = {
    ...shownValues(all),
    ...(typeof units === "number" && { units: count(units) }),
    after: count(after),
    title: title || (sku ?? ""),
  };
  const text = t(key, words);
  return text === key ? undefined : text;
}
