/** What moves units: more on sale, the reserve, another channel, a batch. */

import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import { answerOfWrite } from "../api/client";
import type { Console } from "../console";
import type { Operation } from "./operation";

const CHANNEL = "channel:";

/** Put so many more of a SKU on sale in the room: from its lot, else from the pool to the room's own channel. */
export function putOnSale(it: Console, sku: string, qty: number): Operation {
  const path = { room: it.room, sku };
  return {
    label: t("do.put"),
    says: () => t("do.put.says", { units: count(qty), title: it.titleOf(sku), ...freeOf(it, sku) }),
    hindered: () => (it.room === "" ? t("do.no_room") : onSaleAlready(it, sku)),
    done: t("do.put.done", { units: count(qty), title: it.titleOf(sku) }),
    run: (key) =>
      answerOfWrite(() =>
        it.api.POST("/v1/rooms/{room}/skus/{sku}/release", { params: { path }, body: { qty, id: key } }),
      ),
  };
}

/** A shared channel sells from the pool as it is: there, only a lot on call can bring more. */
function onSaleAlready(it: Console, sku: string): string {
  const lots = it.live.units(sku).value?.batches.some(({ is_open, units }) => !is_open && units > 0) ?? false;
  return ownChannel(it)?.kind === "shared" && !lots
    ? t("do.put.shared", { ...freeOf(it, sku), title: it.titleOf(sku) })
    : "";
}

/** The channel that the room sells through; nothing without a room, and while it is not known. */
function ownChannel(it: Console) {
  const name = it.kept.room.want().value?.channel;
  return it.kept.channels.want().value?.find(({ channel }) => channel === name);
}

/** Where released units go: a room on a dedicated channel sells from that alone, so they go there, else to the pool. */
function releasedTo(it: Console): string {
  const channel = it.room === "" ? undefined : ownChannel(it);
  return channel?.kind === "dedicated" ? CHANNEL + channel.channel : "pool";
}

/** Release some of the elastic reserve, or (null) a step of it. */
export function releaseElastic(it: Console, sku: string, units: number | null): Operation {
  const path = { pool: it.pool, sku };
  const reserve = () => it.live.units(sku).value?.elastic ?? 0;
  const title = it.titleOf(sku);
  return {
    label: t("do.elastic"),
    says: () => {
      const there = reserve();
      const to = releasedTo(it).replace(CHANNEL, "");
      return units === null
        ? t(`do.elastic.step${to === "pool" ? "" : "_to"}`, { title, reserve: count(there), to })
        : t(`do.elastic.says${to === "pool" ? "" : "_to"}`, {
            title,
            to,
            units: count(units),
            reserve: count(there),
            rest: count(Math.max(0, there - units)),
          });
    },
    hindered: () => (reserve() < (units ?? 1) ? t("do.elastic.empty", { reserve: count(reserve()) }) : ""),
    done: units === null ? t("do.elastic.step_done", { title }) : t("do.elastic.done", { title, units: count(units) }),
    run: (key) => {
      const body = { target: releasedTo(it), ...(units !== null && { units }) };
      const params = { path, header: { "Idempotency-Key": key } };
      return answerOfWrite(() => it.api.POST("/v1/pools/{pool}/skus/{sku}/elastic/release", { params, body }));
    },
  };
}

/** Move units from the pool to a channel; a negative number: back to the pool. */
export function allocate(it: Console, sku: string, channel: string, qty: number): Operation {
  const place = CHANNEL + channel;
  const units = Math.abs(qty);
  const [source, target] = qty > 0 ? ["pool", place] : [place, "pool"];
  const title = it.titleOf(sku);
  const inPool = () => it.live.units(sku).value?.pool ?? 0;
  const inChannel = () => it.live.units(sku).value?.channels.find((each) => each.channel === channel)?.allocated ?? 0;
  return {
    label: t("do.allocate"),
    says: () => {
      const now = { pool: inPool(), there: inChannel() };
      return t("do.allocate.says", {
        title,
        channel,
        units: count(units),
        pool: count(now.pool),
        pool_after: count(now.pool - qty),
        there: count(now.there),
        there_after: count(now.there + qty),
      });
    },
    hindered: () => {
      const there = qty > 0 ? inPool() : inChannel();
      return there < units ? t("do.allocate.few", { units: count(there) }) : "";
    },
    done: t("do.allocate.done", { title, channel, units: count(units) }),
    run: (key) => move(it, { id: key, kind: "allocate", sku, qty: units, source, target }),
  };
}

/** Open a batch now. */
export function openBatch(it: Console, batch: string): Operation {
  const units = () => {
    const found = it.kept.batches.want().value?.find((each) => each.batch === batch);
    return Object.values(found?.units ?? {}).reduce((sum, each) => sum + each, 0);
  };
  const params = { path: { pool: it.pool, batch } };
  return {
    label: t("do.open_batch"),
    says: () => t("do.open_batch.says", { batch, units: count(units()) }),
    hindered: () => "",
    done: t("do.open_batch.done", { batch }),
    run: (key) =>
      answerOfWrite(() => it.api.POST("/v1/pools/{pool}/batches/{batch}/open", { params, body: { id: key } })),
  };
}

/** Close an open batch: what is left of it goes where its leftovers go. */
export function closeBatch(it: Console, batch: string): Operation {
  const params = { path: { pool: it.pool, batch } };
  return {
    label: t("do.close_batch"),
    says: () => t("do.close_batch.says", { batch }),
    hindered: () => "",
    done: t("do.close_batch.done", { batch }),
    run: (key) =>
      answerOfWrite(() => it.api.POST("/v1/pools/{pool}/batches/{batch}/close", { params, body: { id: key } })),
  };
}

/** A move of the pool's. */
export function move(it: Console, body: Parameters<typeof postMove>[1]) {
  return answerOfWrite(() => postMove(it, body));
}

function postMove(it: Console, body: MoveBody) {
  return it.api.POST("/v1/pools/{pool}/moves", { params: { path: { pool: it.pool } }, body });
}

type MoveBody = import("../api/schema").MoveBody;

function freeOf(it: Console, sku: string) {
  const row = it.live.units(sku).value;
  const channels = row?.channels.reduce((sum, each) => sum + each.allocated, 0) ?? 0;
  return { pool: count(row?.pool ?? 0), channels: count(channels) };
}
