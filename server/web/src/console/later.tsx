/** Parts of the page that are loaded when they are first shown, or before that, when there is nothing else to do. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { addWords, t, type WordsLoader } from "../shared/i18n";

/** What was there a moment after the page: it takes no time of its first drawing. */
const QUIET_MS = 2_000;

/** A part that may not be here yet. */
export interface Later<P extends object> {
  (props: P): preact.JSX.Element;
  /** Load it, unless it is here or on its way. */
  readonly want: () => void;
}

/** A part that `load` brings, and the words it needs. */
export function later<P extends object = object>(load: () => Promise<ComponentType<P>>, words?: WordsLoader): Later<P> {
  const part = signal<ComponentType<P> | null>(null);
  const failed = signal(false);
  let loading = false;
  const want = () => {
    if (loading || part.peek() !== null) return;
    loading = true;
    failed.value = false;
    Promise.all([load(), words === undefined ? undefined : addWords(words)])
      .then(([loaded]) => {
        part.value = loaded;
      })
      .catch(() => {
        failed.value = true;
      })
      .finally(() => {
        loading = false;
      });
  };
  const draw = (props: P) => {
    const Part = part.value;
    return Part === null ? <Awaited failed={failed} want={want} /> : <Part {...props} />;
  };
  return Object.assign(draw, { want });
}

interface Props {
  readonly failed: ReadonlySignal<boolean>;
  readonly want: () => void;
}

function Awaited({ failed, want }: Props) {
  useEffect(want, []);
  if (!failed.value) return <div aria-busy="true" />;
  // A server that was exchanged meanwhile has other files: then only the page anew finds them.
  return (
    <p role="alert">
      {t("shell.not_loaded")}{" "}
      <button type="button" onClick={want}>
        {t("shell.load_again")}
      </button>{" "}
      <button type="button" onClick={() => location.reload()}>
        {t("shell.reload")}
      </button>
    </p>
  );
}

/** Load these when the page has been drawn. Returns what ends the wait for that. */
export function soon(parts: readonly Pick<Later<object>, "want">[]): () => void {
  const timer = setTimeout(() => {
    for (const part of parts) part.want();
  }, QUIET_MS);
  return () => clearTimeout(timer);
}
