/** What is to become of one SKU, or of many: what it says stands there before it is noted. */

import { useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { Decided, DecisionMade, ReportedSku, Suggestion } from "../../api/schema";
import type { Console } from "../../console";
import { ChoiceField, TextField } from "../../counts/form/Fields";
import { unitsOf } from "../../counts/form/units";
import { Perform } from "../../operations/Perform";
import { type Deciding, decide, KINDS, WITH_UNITS } from "./operations";

const NOTE_MAX = 200;
const UNITS_MAX_DIGITS = 9;
/** As it is suggested. */
const SUGGESTED = "suggested";

interface Props {
  readonly it: Console;
  readonly show: string;
  readonly chosen: readonly ReportedSku[];
  readonly onDecided: (made: DecisionMade) => void;
  readonly onDone?: () => void;
}

export function DecideForm({ it, show, chosen, onDecided, onDone }: Props) {
  const suggested = chosen.every(({ suggestions }) => suggestions.length > 0);
  const [picked, pick] = useState<string>(SUGGESTED);
  const [units, setUnits] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const [one] = chosen.length === 1 ? chosen : [];
  const kind = picked === SUGGESTED && !suggested ? "keep" : picked;
  const numbered = one !== undefined && WITH_UNITS.has(kindOf(kind, one));
  const typed = units ?? String(suggestedUnits(one, kind) ?? "");
  const number = typed.trim() === "" ? null : unitsOf(typed);
  const fault = numbered && typed.trim() !== "" && number === null ? t("after.decision.units_fault") : "";
  const deciding = chosen.map((row): Deciding => {
    const of = kindOf(kind, row);
    return {
      sku: row.sku,
      title: row.title || row.sku,
      kind: of,
      units: numbered ? number : suggestedUnits(row, kind),
    };
  });
  return (
    <div class="after-decide">
      <ChoiceField
        label={t("after.decision.kind")}
        value={kind}
        choices={[
          ...(suggested ? [[SUGGESTED, t("after.decision.suggested")] as const] : []),
          ...KINDS.map((each) => [each, t(`after.kind.${each}`)] as const),
        ]}
        onValue={(value) => {
          pick(value);
          setUnits(null);
        }}
      />
      {numbered && (
        <TextField
          label={t(
            kindOf(kind, one as ReportedSku) === "restock" ? "after.decision.restock_to" : "after.decision.units",
          )}
          value={typed}
          fault={fault}
          maxLength={UNITS_MAX_DIGITS}
          isNumber
          onValue={setUnits}
        />
      )}
      <TextField label={t("after.decision.note")} value={note} maxLength={NOTE_MAX} onValue={setNote} />
      {fault === "" && <Perform operation={decide(it, deciding, { show, note, onDecided })} onDone={onDone} />}
      {chosen.length > 1 && (
        <p class="quiet">{t("after.decision.chosen", { count: chosen.length, shown: count(chosen.length) })}</p>
      )}
    </div>
  );
}

function suggestionOf(row: ReportedSku | undefined, kind: string): Suggestion | undefined {
  return kind === SUGGESTED ? row?.suggestions[0] : row?.suggestions.find((each) => each.kind === kind);
}

function kindOf(kind: string, row: ReportedSku): Decided {
  return kind === SUGGESTED ? (row.suggestions[0]?.kind ?? "keep") : (kind as Decided);
}

function suggestedUnits(row: ReportedSku | undefined, kind: string): number | null {
  return suggestionOf(row, kind)?.units ?? null;
}
