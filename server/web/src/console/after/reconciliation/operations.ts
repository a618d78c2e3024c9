/** What is done after a show: a count of what the room lists, and what becomes of refunds that were asked for. */

import { count, price } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import type { AskedRefund, ShowItem } from "../../api/schema";
import type { Console } from "../../console";
import { isLeftEmpty, NOTHING_LEFT } from "../../counts/make/elsewhere";
import { leadRefusalText } from "../../counts/refusals";
import type { Operation } from "../../operations/operation";
import { notYours } from "../../operations/show";
import { move } from "../../operations/units";

/** Open a count of all that the room lists. `opened` is told its id. */
export function countAfter(it: Console, show: ShowItem, skus: number, opened: (id: string) => void): Operation {
  const params = { path: { pool: it.pool } };
  return {
    label: t("after.count"),
    says: () => t("after.count.says", { count: skus, shown: count(skus), room: show.room }),
    hindered: () => notYours(it, "decide"),
    done: t("after.count.done"),
    refused: (answer) => (answer === NOTHING_LEFT ? t("after.count.none") : leadRefusalText(answer, "")),
    run: async (key) => {
      const body = { id: key, kind: "after" as const, room: show.room, note: show.show };
      const answer = await answerOfWrite(() => it.api.POST("/v1/pools/{pool}/counts", { params, body }));
      if (answer.ok && (await isLeftEmpty(it.api, it.pool, answer.value))) return NOTHING_LEFT;
      if (answer.ok) opened(answer.value.count.count);
      return answer;
    },
  };
}

/** What has not come back yet of what was asked for. */
export function unitsLeft({ units, done_units }: AskedRefund): number {
  return units - done_units;
}

function wordsOf(request: AskedRefund) {
  const left = unitsLeft(request);
  return { count: left, units: count(left), title: request.title || request.sku, order: request.reservation };
}

/** Say no: the request is over, and nothing moves. */
export function declineRefund(it: Console, request: AskedRefund, note: string): Operation {
  return {
    label: t("after.decline"),
    says: () => t("after.decline.says", wordsOf(request)),
    hindered: () => notYours(it, "decide") || (note.trim() === "" ? t("after.decline.note") : ""),
    done: t("after.decline.done", wordsOf(request)),
    of: request.reservation,
    final: true,
    run: () => decide(it, request, { state: "declined", note: note.trim() }),
  };
}

/** The money went back and the goods do not. `minor` is what went back; null: what their units cost. */
export function refundWithoutGoods(
  it: Console,
  request: AskedRefund,
  note: string,
  { minor, currency }: { readonly minor: number | null; readonly currency: string },
): Operation {
  return {
    label: t("after.without"),
    says: () =>
      minor === null
        ? t("after.without.says", wordsOf(request))
        : t("after.without.says_money", { ...wordsOf(request), money: price(minor, currency) }),
    hindered: () => notYours(it, "decide"),
    done: t("after.without.done", wordsOf(request)),
    of: request.reservation,
    final: true,
    run: () =>
      decide(it, request, {
        state: "without_goods",
        note: note.trim(),
        ...(minor !== null && { refunded_minor: minor }),
      }),
  };
}

type Decision = import("../../api/schema").DecideBody;

function decide(it: Console, { reservation }: AskedRefund, body: Decision) {
  const params = { path: { pool: it.pool, id: reservation } };
  return answerOfWrite(() => it.api.POST("/v1/pools/{pool}/reservations/{id}/refund-request/decide", { params, body }));
}

/** The goods never left: the units go back on sale, and the money goes back with them. */
export function takeBackPaid(it: Console, request: AskedRefund): Operation {
  const params = { path: { pool: it.pool, id: request.reservation } };
  const left = unitsLeft(request);
  return {
    label: t("after.unsent"),
    says: () => t(request.presale ? "after.unsent.says_presale" : "after.unsent.says", wordsOf(request)),
    hindered: () => notYours(it, "keep"),
    done: t("after.unsent.done", wordsOf(request)),
    of: request.reservation,
    final: true,
    run: (key) =>
      answerOfWrite(() =>
        it.api.POST("/v1/pools/{pool}/reservations/{id}/cancel-paid", { params, body: { id: key, qty: left } }),
      ),
  };
}

/** A parcel came back: its units wait among the returns to be looked at. */
export function takeBackParcel(it: Console, request: AskedRefund): Operation {
  const left = unitsLeft(request);
  const { sku, reservation } = request;
  return {
    label: t("after.returned"),
    says: () => t("after.returned.says", wordsOf(request)),
    hindered: () => notYours(it, "keep"),
    done: t("after.returned.done", wordsOf(request)),
    of: reservation,
    run: (key) =>
      move(it, {
        id: key,
        kind: "return",
        sku,
        qty: left,
        source: "shipped",
        target: "returned",
        reference: reservation,
      }),
  };
}
