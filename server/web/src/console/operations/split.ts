/** The split's proposals: working one out, carrying it out, putting it aside, taking it back. */

import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import { type Answer, answerOfWrite } from "../api/client";
import type { ProposalItem } from "../api/schema";
import type { Console } from "../console";
import type { Operation } from "./operation";
import { notYours } from "./show";

/** Work out now how the units should lie. It moves nothing. */
export function propose(it: Console, found: (proposal: ProposalItem | null) => void): Operation {
  const path = { pool: it.pool };
  const isOff = () => it.kept.settings.want().value?.split === "off";
  return {
    label: t("do.propose"),
    says: () => t("do.propose.says"),
    hindered: () => (isOff() ? t("do.propose.off") : ""),
    done: t("do.propose.done"),
    run: async (key) => {
      const answer = await answerOfWrite(() =>
        it.api.POST("/v1/pools/{pool}/allocation/proposals", { params: { path }, body: { id: key } }),
      );
      if (answer.ok) found(answer.value.proposal);
      return read(it, answer);
    },
  };
}

/** Carry a proposal out, all of it or nothing. */
export function applyProposal(it: Console, { id, moves, units }: ProposalItem): Operation {
  const skus = new Set(moves.map(({ sku }) => sku)).size;
  const params = { path: { pool: it.pool, proposal: id } };
  return {
    label: t("do.apply"),
    says: () => t("do.apply.says", { units: count(units), count: skus }),
    hindered: () => notYours(it, "decide"),
    done: t("do.apply.done", { units: count(units) }),
    run: async () =>
      read(
        it,
        await answerOfWrite(() =>
          it.api.POST("/v1/pools/{pool}/allocation/proposals/{proposal}/apply", { params, body: {} }),
        ),
      ),
  };
}

/** Put a proposal aside. */
export function dismissProposal(it: Console, { id }: ProposalItem, reason: string): Operation {
  const params = { path: { pool: it.pool, proposal: id } };
  return {
    label: t("do.dismiss"),
    says: () => t("do.dismiss.says"),
    hindered: () => notYours(it, "decide") || (reason.trim() === "" ? t("do.dismiss.reason") : ""),
    done: t("do.dismiss.done"),
    run: async () =>
      read(
        it,
        await answerOfWrite(() =>
          it.api.POST("/v1/pools/{pool}/allocation/proposals/{proposal}/dismiss", {
            params,
            body: { reason: reason.trim() },
          }),
        ),
      ),
  };
}

/** Take back what a proposal has moved. */
export function undoProposal(it: Console, { id, units }: ProposalItem): Operation {
  const params = { path: { pool: it.pool, proposal: id } };
  return {
    label: t("do.undo"),
    says: () => t("do.undo_split.says", { units: count(units) }),
    hindered: () => notYours(it, "decide"),
    done: t("do.undo_split.done", { units: count(units) }),
    run: async () =>
      read(
        it,
        await answerOfWrite(() =>
          it.api.POST("/v1/pools/{pool}/allocation/proposals/{proposal}/undo", { params, body: {} }),
        ),
      ),
  };
}

function read<T>(it: Console, answer: Answer<T>): Answer<T> {
  it.kept.proposals.changed();
  return answer;
}
