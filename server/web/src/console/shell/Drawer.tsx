/** A list at the side, over the view: it stays until it is closed, and the view beside it can be worked with. */

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../shared/i18n";
import "./drawer.css";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Drawer({ title, onClose, children }: Props) {
  const heading = useId();
  const place = useRef<HTMLElement>(null);
  const closing = useRef<HTMLButtonElement>(null);
  // Not an effect that is ended after the next drawing: by then the list is gone, and with it that it had the focus.
  useLayoutEffect(() => {
    const before = document.activeElement;
    closing.current?.focus();
    return () => {
      if (place.current?.contains(document.activeElement) && before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <aside
      ref={place}
      class="drawer"
      aria-labelledby={heading}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.isComposing) return;
        event.preventDefault();
        onClose();
      }}
    >
      <div class="dialog-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" ref={closing} onClick={onClose}>
          {t("shell.close")}
        </button>
      </div>
      <div class="drawer-body">{children}</div>
    </aside>
  );
}
