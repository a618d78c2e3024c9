/** What is made ready before a show, a step each. */

import type { FunctionComponent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../shared/i18n";
import { useComingFile } from "../file/dropping";
import { Batches } from "./batches/Batches";
import { ChecklistStep } from "./checklist/ChecklistStep";
import { Receive } from "./goods/Receive";
import { Import } from "./import/Import";
import { Reserves } from "./reserve/Reserves";
import { RoomStep } from "./room/RoomStep";
import { Shelf } from "./shelf/Shelf";
import { Channels } from "./split/Channels";
import { goToStep, STEPS, type Step, step } from "./steps";
import { StrategyStep } from "./strategy/StrategyStep";
import "./before.css";
import "./form/form.css";
import "./tables.css";
import "./parts.css";

const PAGES: Readonly<Record<Step, FunctionComponent>> = {
  import: Import,
  room: RoomStep,
  shelf: Shelf,
  strategy: StrategyStep,
  reserve: Reserves,
  batches: Batches,
  split: Channels,
  goods: Receive,
  checklist: ChecklistStep,
};

/** A file that comes over the page is a catalogue, unless the checklist is shown, which takes the ERP's. */
function toImport(): void {
  if (step.peek() !== "checklist") goToStep("import");
}

export function Before() {
  const shown = step.value;
  const Page = PAGES[shown];
  useComingFile(toImport);
  const head = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    // Whoever chose another step goes on there, by keyboard too.
    if (!isFirst.current) head.current?.focus();
    isFirst.current = false;
  }, [shown]);
  return (
    <div class="before">
      <h2 class="visually-hidden">{t("shell.view.before")}</h2>
      <nav class="before-steps" aria-label={t("before.steps")}>
        <ol>
          {STEPS.map((each) => (
            <li key={each}>
              <button type="button" aria-current={each === shown ? "step" : undefined} onClick={() => goToStep(each)}>
                {t(`before.step.${each}`)}
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <section class="before-step" aria-labelledby="before-step">
        <h3 id="before-step" ref={head} tabIndex={-1}>
          {t(`before.step.${shown}`)}
        </h3>
        <p class="before-what">{t(`before.step.${shown}.what`)}</p>
        <Page />
      </section>
    </div>
  );
}
