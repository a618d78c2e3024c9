/** One press for all articles of a group: a count of them. */

import { useMemo, useState } from "preact/hooks";
import { useConsole } from "../../console";
import { Perform } from "../../operations/Perform";
import { openCount, openCountOfRoom } from "./cures";
import type { Group } from "./groups";
import type { Reading } from "./reading";

interface Props {
  readonly group: Group;
  readonly reading: Reading;
  readonly onDone: () => void;
}

export function Together({ group, reading, onDone }: Props) {
  const it = useConsole();
  const [asked, ask] = useState(false);
  const skus = useMemo(
    () =>
      group.items
        .filter(({ cures }) => cures.some(({ kind }) => kind === "open_count"))
        .flatMap(({ sku }) => (sku === null ? [] : [sku])),
    [group],
  );
  // Where not all of them are listed, all that the room sells is counted.
  const all = reading.open.value.value?.checks.find(({ check }) => check === group.check)?.fails ?? 0;
  const operation = useMemo(() => {
    const again = () => reading.now();
    const isWhole = group.check === "counted" && all > skus.length;
    return isWhole ? openCountOfRoom(it, all, again) : openCount(it, skus, again);
  }, [it, skus, all, reading, group.check]);
  if (skus.length < 2) return null;
  return (
    <>
      <div class="buttons">
        <button type="button" aria-expanded={asked} onClick={() => ask(!asked)}>
          {operation.label}
        </button>
      </div>
      {asked && (
        <Perform
          operation={operation}
          onDone={() => {
            ask(false);
            onDone();
          }}
          onCancel={() => ask(false)}
        />
      )}
    </>
  );
}
