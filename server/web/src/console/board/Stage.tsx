/** The show at a glance: its next step, what is on air, what was paid. */

import { useComputed } from "@preact/signals";
import { useState } from "preact/hooks";
import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import { GateShut } from "../gate/gate";
import { Perform } from "../operations/Perform";
import { NEXT, type Status as Stands, turnLabel, turnTo } from "../operations/stage";
import { useBoard } from "./model";
import { useKept } from "./side/kept";

export function Stage() {
  const { it, choose, trend } = useStage();
  const stage = it.stage;
  if (stage === null) return <p class="board-stage">{t("do.no_room")}</p>;
  const onAir = stage.spotlight.value;
  return (
    <section class="board-stage" aria-label={t("board.stage")}>
      <Status />
      <dl>
        <div>
          <dt>{t("board.on_air")}</dt>
          <dd>
            {onAir === null ? (
              <span class="quiet">{t("board.nothing")}</span>
            ) : (
              <button type="button" class="as-link" onClick={() => choose(onAir)}>
                <OnAir sku={onAir} />
              </button>
            )}
          </dd>
        </div>
        <div>
          <dt>{t("board.paid_units")}</dt>
          <dd class="digits">
            <Paid trend={trend} />
          </dd>
        </div>
      </dl>
    </section>
  );
}

function useStage() {
  const board = useBoard();
  return { it: board.it, trend: board.trend, choose: (sku: string) => board.choose(sku) };
}

function OnAir({ sku }: { readonly sku: string }) {
  const { facts, it } = useBoard();
  const shown = facts.live.shown(sku);
  return (
    <>
      {shown?.link != null && <b>{shown.link}</b>} {it.titleOf(sku)} ·{" "}
      <span class="digits">{t("alerts.left", { left: count(shown?.available ?? 0) })}</span>
    </>
  );
}

/** Units that were paid in the show, as of the last minute. */
function Paid({ trend }: { readonly trend: ReturnType<typeof useBoard>["trend"] }) {
  const text = useComputed(() => {
    trend.revision.value;
    const last = trend.minutes.show.at(-1);
    return last === undefined ? "–" : count(last.paid);
  });
  return <>{text}</>;
}

function Status() {
  const { it } = useBoard();
  const [asked, ask] = useState("");
  const status = it.stage?.status.value ?? "scheduled";
  // Before the room was heard of, and where there is none, its status is not known: then nothing is offered.
  const isHeard = useComputed(() => {
    const connection = it.stage?.connection.value;
    return connection !== undefined && (connection.current || connection.oldSinceMs !== null);
  }).value;
  const next = isHeard ? (NEXT[status as Stands] ?? []) : [];
  return (
    <div class="board-status">
      {next.map((to) => (
        <button key={to} type="button" aria-expanded={asked === to} onClick={() => ask(asked === to ? "" : to)}>
          {turnLabel(status as Stands, to)}
        </button>
      ))}
      {next
        .filter((to) => to === asked)
        .map((to) => (
          <Turn key={to} from={status as Stands} to={to} onDone={() => ask("")} />
        ))}
    </div>
  );
}

interface TurnProps {
  readonly from: Stands;
  readonly to: Stands;
  readonly onDone: () => void;
}

function Turn({ from, to, onDone }: TurnProps) {
  const { it } = useBoard();
  const operation = useKept(() => turnTo(it, from, to), `${from} ${to}`);
  const shut = operation.shut();
  return (
    <div class="board-turn">
      {shut === null ? (
        <Perform operation={operation} onDone={onDone} onCancel={onDone} />
      ) : (
        <GateShut problem={shut} onDone={onDone} onCancel={onDone} />
      )}
    </div>
  );
}
