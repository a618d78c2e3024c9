/** A file that is let go over the page: a browser would open it otherwise, and the page would be gone. */

import { useEffect, useState } from "preact/hooks";

function carriesFile(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

/** Take what is dropped anywhere on the page. Whether a file is over it now. */
export function useDroppedFile(take: (file: File) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hover = (event: DragEvent) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const left = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const dropped = (event: DragEvent) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      setOver(false);
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) take(file);
    };
    addEventListener("dragover", hover);
    addEventListener("dragleave", left);
    addEventListener("drop", dropped);
    return () => {
      removeEventListener("dragover", hover);
      removeEventListener("dragleave", left);
      removeEventListener("drop", dropped);
    };
  }, [take]);
  return over;
}

/** Call when a file comes over the page. */
export function useComingFile(comes: () => void): void {
  useEffect(() => {
    const hover = (event: DragEvent) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      comes();
    };
    addEventListener("dragover", hover);
    return () => removeEventListener("dragover", hover);
  }, [comes]);
}
