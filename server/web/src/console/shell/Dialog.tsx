/** Something that stands over the page until it is answered or closed; what had the focus gets it back. */

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../shared/i18n";
import "./dialog.css";

interface Props {
  readonly title: string;
  /** Without: it goes by itself, and Escape does nothing. */
  readonly onClose?: () => void;
  readonly children: ComponentChildren;
  readonly wide?: boolean;
}

export function Dialog({ title, onClose, children, wide = false }: Props) {
  const place = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Not an effect that is ended after the next drawing: by then the dialog is gone, and with it what had the focus before.
  useLayoutEffect(() => {
    const dialog = place.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={place}
      class="dialog"
      data-wide={wide}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onKeyDown={(event) => {
        // A browser closes a dialog at the second Escape, whatever the page says to the first.
        if (event.key !== "Escape" || event.isComposing) return;
        event.preventDefault();
        onClose?.();
      }}
    >
      <div class="dialog-head">
        <h2 id={heading}>{title}</h2>
        {onClose && (
          <button type="button" class="dialog-close" onClick={onClose}>
            {t("shell.close")}
          </button>
        )}
      </div>
      {children}
    </dialog>
  );
}
