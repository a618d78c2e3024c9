/** The board: what a person watches and answers while a show runs. */

import { useEffect, useMemo, useRef } from "preact/hooks";
import { t } from "../../shared/i18n";
import { useConsole } from "../console";
import { later } from "../later";
import { BoardModel, BoardProvider, SIDES, type Side, useBoard } from "./model";
import { Stage } from "./Stage";
import { Alerts } from "./side/Alerts";
import { Item } from "./side/Item";
import { Said } from "./side/Said";
import { Grid, Nothing } from "./table/Grid";
import { Toolbar } from "./table/Toolbar";
import { Charts } from "./trend/Charts";
import "./board.css";
import "./table/table.css";
import "./table/cells.css";
import "./side/side.css";
import "./trend/chart.css";

export function Board() {
  const it = useConsole();
  const board = useMemo(() => new BoardModel(it), [it]);
  useEffect(() => () => board.close(), [board]);
  const isOld = !(it.stage?.connection.value.current ?? it.live.connection.value.current);
  return (
    <BoardProvider value={board}>
      <div class="board" data-old={isOld}>
        <h2 class="visually-hidden">{t("shell.view.board")}</h2>
        <Stage />
        <section class="board-main" aria-label={t("board.table")}>
          <Toolbar />
          <Nothing />
          <Grid />
          <Charts />
        </section>
        <aside class="board-side" aria-label={t("board.side")}>
          <Alerts />
          <Parts />
        </aside>
      </div>
    </BoardProvider>
  );
}

/** With what lets its rows be dragged, which nothing else needs. */
const RunOrder = later(async () => (await import("./side/RunOrder")).RunOrder);
const PART_OF = { item: Item, order: RunOrder, said: Said };

function Parts() {
  const { side } = useBoard();
  const seen = useRef(new Set<Side>()).current;
  seen.add(side.value);
  return (
    <div class="side-parts">
      <div class="side-tabs" role="tablist" aria-label={t("board.side")} onKeyDown={stepTabs}>
        {SIDES.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`side-tab-${each}`}
            aria-controls={`side-part-${each}`}
            aria-selected={side.value === each}
            tabIndex={side.value === each ? 0 : -1}
            onClick={() => {
              side.value = each;
            }}
          >
            {t(`board.side.${each}`)}
          </button>
        ))}
      </div>
      {/* Whatever was shown stays: what was typed or arranged in it is there when one comes back to it. */}
      {SIDES.filter((each) => seen.has(each)).map((each) => {
        const Part = PART_OF[each];
        return (
          <div
            key={each}
            id={`side-part-${each}`}
            class="side-part"
            role="tabpanel"
            aria-labelledby={`side-tab-${each}`}
            hidden={side.value !== each}
          >
            <Part />
          </div>
        );
      })}
    </div>
  );
}

/** The arrow keys go from tab to tab, and choose. */
function stepTabs(event: KeyboardEvent): void {
  const at = event.target;
  if (!(at instanceof HTMLElement) || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const next = event.key === "ArrowRight" ? at.nextElementSibling : at.previousElementSibling;
  if (!(next instanceof HTMLElement)) return;
  event.preventDefault();
  next.click();
  next.focus();
}
