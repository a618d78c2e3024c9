/** A number that changes under the eye: it is set without drawing what is around it, and tinted for a moment. */

import { type ReadonlySignal, useComputed, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { tint } from "./changed";

interface Props {
  /** Drawn anew when a signal changes that it reads. */
  readonly of: () => string;
  readonly class?: string;
}

export function Digits({ of, class: name = "" }: Props) {
  const text = useComputed(of);
  return <Tinting text={text} class={name} />;
}

function Tinting({ text, class: name }: { readonly text: ReadonlySignal<string>; readonly class: string }) {
  const at = useRef<HTMLSpanElement>(null);
  const last = useRef<string | null>(null);
  useSignalEffect(() => {
    const now = text.value;
    // From nothing to something is no change: it was not known yet.
    if (at.current !== null && last.current !== null && last.current !== "" && last.current !== now) tint(at.current);
    last.current = now;
  });
  return (
    <span ref={at} class={`digits ${name}`}>
      {text}
    </span>
  );
}
