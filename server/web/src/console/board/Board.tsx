/** The board: what a person watches and answers while a show runs. */

import { useEffect, useMemo } from "preact/hooks";
import { t } from "../../shared/i18n";
import { useConsole } from "../console";
import { later } from "../later";
import { BoardModel, BoardProvider, SIDES, useBoard } from "./model";
import { Stage } from "./Stage";
import { Alerts } from "./side/Alerts";
import { Item } from "./side/Item";
import { Said } from "./side/Said";
import { Grid } from "./table/Grid";
import { Toolbar } from "./table/Toolbar";
import { Charts } from "./trend/Charts";
import "./board.css";
import "./table/table.css";
import "./side/side.css";
import "./trend/chart.css";

export function Board() {
  const it = useConsole();
  const board = useMemo(() => new BoardModel(it), [it]);
  useEffect(() => () => board.close(), [board]);
  return (
    <BoardProvider value={board}>
      <div class="board">
        <h2 class="visually-hidden">{t("shell.view.board")}</h2>
        <Stage />
        <section class="board-main" aria-label={t("board.table")}>
          <Toolbar />
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
  const Part = PART_OF[side.value];
  return (
    <div class="side-parts">
      <div class="side-tabs" role="tablist" aria-label={t("board.side")} onKeyDown={stepTabs}>
        {SIDES.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`side-tab-${each}`}
            aria-controls="side-part"
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
      <div id="side-part" class="side-part" role="tabpanel" aria-labelledby={`side-tab-${side.value}`}>
        <Part />
      </div>
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
