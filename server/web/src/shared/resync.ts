/**
 * When a page asks for the room anew.
 *
 * A page that is not shown is not drawn, and on a device that slept it does not run at all: what stands in it then is
 * from before, and its connection may have died without a word, as when a phone went from one network to another. A
 * browser says that a page is shown again by `visibilitychange`, `resume` and `pageshow`; OBS says when a source is shown
 * (`obsSourceVisibleChanged`, detail.visible) or on the program (`obsSourceActiveChanged`, detail.active). A network that
 * comes or goes is the SDK's own concern.
 */

/** One return to a page is told by two or three events, and who goes to and fro between two pages makes many: one reason. */
export const RESYNC_INTERVAL_MS = 3_000;

/** Returns a function that calls `resync` at once, but at most once in RESYNC_INTERVAL_MS. */
export function atMostOnce(resync: () => void, nowMs: () => number): () => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (nowMs() - lastMs < RESYNC_INTERVAL_MS) return;
    lastMs = nowMs();
    resync();
  };
}

/** Whether OBS says by this event that the source is shown now. */
export function shownByObs(event: Event): boolean {
  const detail: unknown = event instanceof CustomEvent ? event.detail : null;
  if (typeof detail !== "object" || detail === null) return false;
  return ("visible" in detail && detail.visible === true) || ("active" in detail && detail.active === true);
}

/** Call `resync` whenever this page may have missed something. Returns how to stop. */
export function watchShown(resync: () => void): () => void {
  const ask = atMostOnce(resync, () => performance.now());
  const stop = new AbortController();
  const { signal } = stop;
  const onObs = (event: Event) => {
    if (shownByObs(event)) ask();
  };
  window.addEventListener("obsSourceVisibleChanged", onObs, { signal });
  window.addEventListener("obsSourceActiveChanged", onObs, { signal });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask(), { signal });
  document.addEventListener("resume", ask, { signal });
  window.addEventListener("pageshow", (event) => event.persisted && ask(), { signal });
  return () => stop.abort();
}
