/** Draws a page, and draws it anew when it cannot go on: what stands there is never left standing as true. */

import { Component, type ComponentChildren, render, type VNode } from "preact";
import { keepTextWhole } from "./wholeText";

/** Faults in a row after which a page is not drawn anew at once, in this time (ms): it would only flicker. */
const FAULTS_MAX = 3;
const WITHIN_MS = 10_000;

/**
 * Draw what `tree` makes into `place`; the values are the signals', so drawing it anew from nothing mends whatever somebody
 * else (an extension, a translator) has done to the elements. Where that fails again and again, the page is emptied, `gaveUp`
 * says so in its place, and it is tried again after a while.
 */
export function drawPage(place: HTMLElement, tree: () => VNode, gaveUp: (place: HTMLElement) => void): void {
  keepTextWhole();
  let faultsMs: number[] = [];
  let current = place;
  const draw = () => render(<Boundary failed={failed}>{tree()}</Boundary>, current);
  const drawAnew = () => {
    current = emptied(current);
    draw();
  };
  function failed(error: unknown): void {
    // The fault belongs into the log: of the page's own code, or of what was done to it.
    reportError(error);
    const nowMs = performance.now();
    faultsMs = [...faultsMs.filter((atMs) => nowMs - atMs < WITHIN_MS), nowMs];
    if (faultsMs.length <= FAULTS_MAX) {
      setTimeout(drawAnew);
      return;
    }
    setTimeout(() => {
      current = emptied(current);
      gaveUp(current);
      setTimeout(drawAnew, WITHIN_MS);
    });
  }
  draw();
}

/** A place as at the beginning, where this one was; what was drawn there ends. */
function emptied(place: HTMLElement): HTMLElement {
  try {
    render(null, place);
  } catch {
    // Its elements are not what was drawn any more; they go with it.
  }
  const fresh = place.cloneNode(false) as HTMLElement;
  place.replaceWith(fresh);
  return fresh;
}

interface Props {
  readonly failed: (error: unknown) => void;
  readonly children: ComponentChildren;
}

/** Stops drawing at the first fault. */
class Boundary extends Component<Props, { isBroken: boolean }> {
  override state = { isBroken: false };

  static override getDerivedStateFromError() {
    return { isBroken: true };
  }

  override componentDidCatch(error: unknown): void {
    this.props.failed(error);
  }

  override render() {
    return this.state.isBroken ? null : this.props.children;
  }
}
