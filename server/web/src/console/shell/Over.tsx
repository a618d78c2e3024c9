/** Something that opens below its button, over the view: it closes with Escape, and when the focus goes elsewhere. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import "./over.css";

interface Props {
  readonly label: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Over({ label, children }: Props) {
  const place = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const pressed = (event: PointerEvent) => {
      const opened = place.current;
      if (opened?.open && event.target instanceof Node && !opened.contains(event.target)) opened.open = false;
    };
    document.addEventListener("pointerdown", pressed);
    return () => document.removeEventListener("pointerdown", pressed);
  }, []);
  return (
    <details
      class="over"
      ref={place}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.isComposing || !place.current?.open) return;
        event.preventDefault();
        place.current.open = false;
        place.current.querySelector("summary")?.focus();
      }}
      onFocusOut={({ relatedTarget: to }) => {
        if (place.current && to instanceof Node && !place.current.contains(to)) place.current.open = false;
      }}
    >
      <summary>{label}</summary>
      <div class="over-body">{children}</div>
    </details>
  );
}
