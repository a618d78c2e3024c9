/** A new batch: what goes into it first, then when and for whom. */

import { useMemo, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import type { Leftover } from "../../api/schema";
import { useConsole } from "../../console";
import { Perform } from "../../operations/Perform";
import { freeName } from "../form/freeName";
import { ChoiceField, MomentField, TextField } from "../form/Plain";
import { SkuPicker, skuOf } from "../form/SkuPicker";
import { UnitsField } from "../form/UnitsField";
import { moment } from "../form/values";
import { LEFTOVERS, type Line, makeBatch } from "./batch";

const UNITS_MAX = 1_000_000_000;
const LIMIT_MAX = 1_000_000;
/** Lines of one batch that can be typed here; a file or the API has room for more. */
const LINES_MAX = 100;

interface Props {
  readonly taken: readonly string[];
  readonly onDone: () => void;
}

export function NewBatchForm({ taken, onDone }: Props) {
  const it = useConsole();
  const channels = it.kept.channels.want().value ?? [];
  const [title, setTitle] = useState("");
  const [opens, setOpens] = useState("");
  const [closes, setCloses] = useState("");
  const [channel, setChannel] = useState("");
  const [exclusive, setExclusive] = useState(false);
  const [limit, setLimit] = useState<number | null>(null);
  const [leftover, setLeftover] = useState<Leftover>("pool");
  const [lines, setLines] = useState<readonly Line[]>([]);
  const operation = useMemo(() => {
    const at = (text: string) => {
      const read = moment.read(text);
      return read.ok ? read.value : null;
    };
    const name = freeName(title, taken, "batch");
    const when = { opensAtMs: at(opens), closesAtMs: at(closes) };
    return makeBatch(it, { name, title: title.trim(), ...when, channel, exclusive, limit, leftover, lines });
  }, [it, taken, title, opens, closes, channel, exclusive, limit, leftover, lines]);
  return (
    <section class="card" aria-label={t("before.batch.new")}>
      <h4>{t("before.batch.new")}</h4>
      <div class="two">
        <TextField label={t("before.batch.title")} value={title} onValue={setTitle} />
        <ChoiceField
          label={t("before.batch.channel")}
          value={channel}
          onValue={setChannel}
          choices={[
            ["", t("before.batch.for_all")],
            ...channels.map((each) => [each.channel, each.title || each.channel] as const),
          ]}
        />
      </div>
      <Lines lines={lines} onLines={setLines} />
      <div class="two">
        <MomentField
          label={t("before.batch.opens")}
          hint={t("before.batch.opens.hint")}
          value={opens}
          onValue={setOpens}
        />
        <MomentField
          label={t("before.batch.closes")}
          hint={t("before.batch.closes.hint")}
          value={closes}
          onValue={setCloses}
        />
        <UnitsField label={t("before.batch.limit")} value={limit} onValue={setLimit} max={LIMIT_MAX} />
        <ChoiceField
          label={t("before.batch.leftover")}
          value={leftover}
          onValue={(value) => setLeftover(value as Leftover)}
          choices={LEFTOVERS.map((each) => [each, t(`before.leftover.${each}`)] as const)}
        />
        <div class="field" data-kind="tick">
          <input
            id="batch-exclusive"
            type="checkbox"
            checked={exclusive}
            onChange={(event) => setExclusive(event.currentTarget.checked)}
          />
          <label for="batch-exclusive">{t("before.batch.exclusive.long")}</label>
        </div>
      </div>
      <Perform operation={operation} onDone={onDone} onCancel={onDone} />
    </section>
  );
}

interface LinesProps {
  readonly lines: readonly Line[];
  readonly onLines: (lines: readonly Line[]) => void;
}

/** What goes into it, a SKU after the other. */
function Lines({ lines, onLines }: LinesProps) {
  const it = useConsole();
  const [typed, setTyped] = useState("");
  const [units, setUnits] = useState<number | null>(null);
  const meant = skuOf(typed, it.kept.skus.want().value ?? []);
  const add = () => {
    if (meant === null || units === null) return;
    onLines([...lines.filter(({ sku }) => sku !== meant.sku), { sku: meant.sku, units }]);
    setTyped("");
    setUnits(null);
  };
  return (
    <fieldset class="lines">
      <legend>{t("before.batch.lines")}</legend>
      <ul>
        {lines.map(({ sku, units: n }) => (
          <li key={sku}>
            {t("before.batch.line", { title: it.titleOf(sku), count: n })}
            <button
              type="button"
              aria-label={t("before.batch.line.drop_of", { title: it.titleOf(sku) })}
              onClick={() => onLines(lines.filter((each) => each.sku !== sku))}
            >
              {t("before.batch.line.drop")}
            </button>
          </li>
        ))}
      </ul>
      {lines.length < LINES_MAX && (
        <div class="line-form">
          <SkuPicker label={t("before.sku")} text={typed} onText={setTyped} />
          <UnitsField label={t("before.units")} value={units} onValue={setUnits} max={UNITS_MAX} />
          <button type="button" disabled={meant === null || units === null} onClick={add}>
            {t("before.batch.line.add")}
          </button>
        </div>
      )}
    </fieldset>
  );
}
