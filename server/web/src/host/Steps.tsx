/** The two big buttons, and what came of pressing one. */

import type { ReadonlySignal } from "@preact/signals";
import { t } from "../shared/i18n";
import type { Live } from "../shared/live";
import { type Place, type Step, stepTo } from "../shared/runorder";
import type { Stepper, StepState } from "./stepper";

interface Props {
  readonly live: Live;
  readonly place: ReadonlySignal<Place>;
  readonly stepper: Stepper;
  readonly onStep: (step: Step) => void;
}

export function Steps({ live, place, stepper, onStep }: Props) {
  const state = stepper.state.value;
  return (
    <section class="steps" aria-label={t("steps.label")}>
      <StepButton live={live} place={place} step="previous" onStep={onStep} />
      <p class="result" role="status" data-kind={state.kind}>
        {resultText(state, live)}
      </p>
      <StepButton live={live} place={place} step="next" onStep={onStep} />
    </section>
  );
}

function StepButton({ live, place, step, onStep }: Omit<Props, "stepper"> & { step: Step }) {
  const sku = stepTo(live.shelf.value, place.value, step);
  const title = sku === null ? null : (live.sku(sku).value?.title ?? sku);
  const disabled = sku === null || !live.connection.value.current;
  return (
    <button type="button" class={`step ${step}`} disabled={disabled} onClick={() => onStep(step)}>
      <span class="what">
        {t(`steps.${step}`)} <kbd>{step === "next" ? "N →" : "P ←"}</kbd>
      </span>
      <span class="title">{title ?? t(`steps.${step}.none`)}</span>
    </button>
  );
}

function resultText(state: StepState, live: Live): string {
  if (state.kind === "idle") return "";
  // Read without following: the sentence is of the moment.
  const title = live.sku(state.sku).peek()?.title ?? state.sku;
  if (state.kind !== "failed") return t(`steps.${state.kind}`, { title });
  return state.code === "" ? t("steps.unanswered", { title }) : t("steps.refused", { title, code: state.code });
}
