/** Reading what business days came to, and what does not sell: jobs of the server's. */

import type { Answer } from "../../api/client";
import type { DayTotals, SlowMovers } from "../../api/schema";
import type { Console } from "../../console";
import { readJob } from "../../counts/jobs";

/** The request waits no longer, in ms: this page's own patience with a request is longer. */
const WAIT_MS = 10_000;
/** SKUs of a page. */
const SKUS_A_PAGE = 500;

/** Days, both included; "" is as far as there are any. */
export interface Range {
  readonly from: string;
  readonly to: string;
}

/** Each day; of one SKU where it is not "". */
export function readDays(it: Console, { from, to }: Range, sku: string): Promise<Answer<DayTotals>> {
  const query = { wait_ms: WAIT_MS, ...(from && { from }), ...(to && { to }), ...(sku && { sku }) };
  return readJob<DayTotals>(it.api, it.pool, () =>
    it.api.GET("/v1/pools/{pool}/day-totals", { params: { path: { pool: it.pool }, query } }),
  );
}

/** A page of SKUs over these days, behind `after`. */
export function readSkus(it: Console, { from, to }: Range, after: string): Promise<Answer<DayTotals>> {
  const query = {
    wait_ms: WAIT_MS,
    by: "sku" as const,
    limit: SKUS_A_PAGE,
    ...(from && { from }),
    ...(to && { to }),
    ...(after && { after }),
  };
  return readJob<DayTotals>(it.api, it.pool, () =>
    it.api.GET("/v1/pools/{pool}/day-totals", { params: { path: { pool: it.pool }, query } }),
  );
}

export function readSlow(it: Console, weekly: boolean): Promise<Answer<SlowMovers>> {
  const query = { wait_ms: WAIT_MS, weekly };
  return readJob<SlowMovers>(it.api, it.pool, () =>
    it.api.GET("/v1/pools/{pool}/slow-movers", { params: { path: { pool: it.pool }, query } }),
  );
}
