/** A button by which a spreadsheet is chosen, where it is not dropped. */

import { useRef } from "preact/hooks";

interface Props {
  readonly label: string;
  readonly class?: string;
  readonly disabled: boolean;
  readonly onFile: (file: File) => void;
}

export function ChooseFile({ label, class: look, disabled, onFile }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={look} disabled={disabled} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        type="file"
        accept=".csv,.xlsx"
        hidden
        aria-label={label}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          // The same file can be chosen again once it is mended.
          event.currentTarget.value = "";
          if (file !== undefined) onFile(file);
        }}
      />
    </>
  );
}
