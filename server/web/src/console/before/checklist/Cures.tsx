/** What can be done about an item: a button each, whose sentence is read before it is carried out. */

import { useMemo, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import type { ChecklistItem, CureItem } from "../../api/schema";
import { useConsole } from "../../console";
import type { Operation } from "../../operations/operation";
import { Perform } from "../../operations/Perform";
import { UnitsField } from "../form/UnitsField";
import { type Act, actOf } from "./cures";
import type { Reading } from "./reading";
import { cureLabel, notFor } from "./request";

const UNITS_MAX = 1_000_000_000;

interface Props {
  readonly item: ChecklistItem;
  readonly reading: Reading;
  /** Called when one was carried out: the item may be gone then. */
  readonly onDone: () => void;
}

interface Known {
  readonly name: string;
  readonly cure: CureItem;
  readonly act: Act;
}

export function Cures({ item, reading, onDone }: Props) {
  const it = useConsole();
  const [asked, ask] = useState("");
  const known = useMemo(() => knownOf(item, (cure) => actOf(it, item, cure, () => reading.now())), [it, item, reading]);
  if (known.length === 0) return <p class="quiet">{t("checklist.dead_end")}</p>;
  const chosen = known.find(({ name }) => name === asked);
  const close = () => ask("");
  return (
    <>
      <div class="buttons">
        {known.map(({ name, cure, act }) => (
          <CureButton
            key={name}
            item={item}
            cure={cure}
            hindered={notFor(it, cure)}
            open={act.kind === "go" ? null : asked === name}
            onPress={() => (act.kind === "go" ? act.go() : ask(asked === name ? "" : name))}
          />
        ))}
      </div>
      {chosen && chosen.act.kind !== "go" && (
        <Asked
          key={asked}
          act={chosen.act}
          onDone={() => {
            close();
            onDone();
          }}
          onCancel={close}
        />
      )}
    </>
  );
}

function knownOf(item: ChecklistItem, actFor: (cure: CureItem) => Act | null): readonly Known[] {
  return item.cures.flatMap((cure) => {
    const act = actFor(cure);
    return act === null ? [] : [{ name: `${cure.kind} ${JSON.stringify(cure.about)}`, cure, act }];
  });
}

interface ButtonProps {
  readonly item: ChecklistItem;
  readonly cure: CureItem;
  /** Why this caller may not; "" where it may. */
  readonly hindered: string;
  /** Whether its sentence is shown; null where it leads to another place. */
  readonly open: boolean | null;
  readonly onPress: () => void;
}

function CureButton({ item, cure, hindered, open, onPress }: ButtonProps) {
  const label = cureLabel(cure, item);
  const title = item.title || (item.sku ?? "");
  return (
    <button
      type="button"
      aria-label={title === "" ? undefined : t("checklist.cure_of", { label, title })}
      aria-expanded={open ?? undefined}
      disabled={hindered !== ""}
      title={hindered || undefined}
      onClick={onPress}
    >
      {label}
      {open === null && <span aria-hidden="true"> →</span>}
    </button>
  );
}

interface AskedProps {
  readonly act: Exclude<Act, { kind: "go" }>;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

function Asked({ act, onDone, onCancel }: AskedProps) {
  if (act.kind === "do") return <Perform operation={act.operation} onDone={onDone} onCancel={onCancel} />;
  return <OfUnits make={act.make} first={act.first} onDone={onDone} onCancel={onCancel} />;
}

interface UnitsProps {
  readonly make: (units: number) => Operation;
  readonly first: number | null;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

function OfUnits({ make, first, onDone, onCancel }: UnitsProps) {
  const [units, setUnits] = useState(first);
  const operation = useMemo(() => (units === null ? null : make(units)), [make, units]);
  return (
    <div class="narrow-form">
      <UnitsField label={t("before.units")} value={units} onValue={setUnits} max={UNITS_MAX} />
      {operation !== null && <Perform operation={operation} onDone={onDone} onCancel={onCancel} />}
    </div>
  );
}
