/** When to draw: with the browser's next frame, or by a slow timer where a hidden page gets none. */

/** Hidden pages only keep their title and live regions up to date. */
const HIDDEN_MS = 1000;

/** Run `draw` once, with the next frame; returns what takes it back. A page that gets hidden meanwhile draws too. */
export function onNextFrame(draw: () => void): () => void {
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const run = () => {
    cancel();
    draw();
  };
  if (!document.hidden) frame = requestAnimationFrame(run);
  // Also behind a frame that was asked for: none comes when the page is hidden before it.
  timer = setTimeout(run, HIDDEN_MS);
  return cancel;
}
