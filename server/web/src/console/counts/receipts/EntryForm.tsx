/** What one enters of a delivery, line by line: for a phone and a scanner, too. */

import { useRef, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import type { ReceiptItem } from "../../api/schema";
import { useDesk } from "../desk";
import { TextField } from "../form/Fields";
import { NumberField } from "../form/NumberField";
import { unitsOf } from "../form/units";
import { foundText } from "../sentences";
import { type Findable, found, meant } from "../sheet/search";
import { type Entry, type EntryLine, placeOf, withLine } from "./entry";

const LOT_MAX = 64;
const NOTE_MAX = 200;
const SKU_MAX = 128;
/** So many are offered while one types. */
const OFFERED_MAX = 20;

interface Props {
  readonly item: ReceiptItem;
  readonly entry: Entry;
  /** One's own lines as the server has them. */
  readonly saved: readonly EntryLine[];
  readonly done: boolean;
}

interface Typed {
  readonly sku: string;
  readonly good: string;
  readonly bad: string;
  readonly lot: string;
  readonly expires: string;
  readonly note: string;
}

const EMPTY: Typed = { sku: "", good: "", bad: "", lot: "", expires: "", note: "" };

export function EntryForm({ item, entry, saved, done }: Props) {
  const desk = useDesk();
  const known = useKnown();
  const [typed, setTyped] = useState<Typed>(EMPTY);
  const [fault, setFault] = useState<{ field: "sku" | "good" | "bad"; text: string } | null>(null);
  const [more, setMore] = useState(false);
  const sku = useRef<HTMLInputElement>(null);
  const good = useRef<HTMLInputElement>(null);
  const unsent = entry.unsent.value;
  const lines = unsent ?? saved;
  const busy = entry.busy.value;
  const others = item.entries.filter(({ by }) => by !== desk.user);
  const isOne = item.entries.some(({ by }) => by === desk.user);
  const titles = new Map(item.entries.flatMap((each) => each.lines ?? []).map((each) => [each.sku, each.title]));
  const titleOf = (name: string) => titles.get(name) || known.find((each) => each.sku === name)?.title || name;
  if (item.by_two && !isOne && others.length >= 2) return <p class="empty">{t("counts.receipt.not_you")}</p>;
  if (done && unsent === null && item.state === "open") {
    return (
      <section class="card">
        <p>{t("counts.receipt.yours_done")}</p>
        <Lines lines={lines} titleOf={titleOf} />
        <button type="button" onClick={() => void entry.put(lines)}>
          {t("counts.receipt.again")}
        </button>
      </section>
    );
  }
  const find = () => {
    const row = meant(typed.sku, known, desk.linkOf);
    if (row !== null) setTyped({ ...typed, sku: row.sku });
    // Whoever only counts is told no catalogue: what is typed is the SKU's name.
    good.current?.focus();
  };
  const add = async () => {
    const name = meant(typed.sku, known, desk.linkOf)?.sku ?? typed.sku.trim();
    const goods = unitsOf(typed.good);
    const bads = typed.bad.trim() === "" ? 0 : unitsOf(typed.bad);
    if (name === "" || (known.length > 0 && !known.some((each) => each.sku === name))) {
      setFault({ field: "sku", text: t("counts.make.unknown", { what: typed.sku }) });
      return;
    }
    if (goods === null || bads === null) {
      setFault({ field: goods === null ? "good" : "bad", text: t("counts.expected.units") });
      return;
    }
    setFault(null);
    const { lot, expires, note } = typed;
    const line = { sku: name, good: goods, bad: bads, lot: lot.trim(), expires, note: note.trim() };
    setTyped(EMPTY);
    sku.current?.focus();
    await entry.put(withLine(lines, line));
  };
  const mend = (line: EntryLine) => {
    setTyped({ ...line, good: String(line.good), bad: line.bad === 0 ? "" : String(line.bad) });
    setMore(line.lot !== "" || line.expires !== "" || line.note !== "");
    good.current?.focus();
  };
  return (
    <section class="card entry" aria-labelledby="receipt-entry">
      <h3 id="receipt-entry">{t(item.by_two ? "counts.receipt.entry.two" : "counts.receipt.entry")}</h3>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <div class="field" data-fault={fault?.field === "sku"}>
          <label for="receipt-sku">{t("counts.search")}</label>
          <input
            ref={sku}
            id="receipt-sku"
            list="receipt-skus"
            maxLength={SKU_MAX}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            aria-invalid={fault?.field === "sku"}
            aria-describedby="receipt-sku-says"
            value={typed.sku}
            onInput={(event) => setTyped({ ...typed, sku: event.currentTarget.value })}
            onKeyDown={(event) => {
              // A scanner's Enter says which goods they are, not that all is entered.
              if (event.key !== "Enter" || event.isComposing || typed.sku.trim() === "") return;
              event.preventDefault();
              find();
            }}
          />
          <datalist id="receipt-skus">
            {found(typed.sku, known, desk.linkOf)
              .slice(0, OFFERED_MAX)
              .map((each) => (
                <option key={each.sku} value={each.sku}>
                  {each.title}
                </option>
              ))}
          </datalist>
          <p id="receipt-sku-says" class={fault?.field === "sku" ? "fault" : "quiet"}>
            {fault?.field === "sku" ? fault.text : saidOf(typed.sku, known, titleOf)}
          </p>
        </div>
        <div class="two">
          <NumberField
            label={t("counts.good")}
            text={typed.good}
            onText={(text) => setTyped({ ...typed, good: text })}
            fault={fault?.field === "good" ? fault.text : ""}
            input={good}
          />
          <NumberField
            label={t("counts.bad")}
            text={typed.bad}
            onText={(text) => setTyped({ ...typed, bad: text })}
            fault={fault?.field === "bad" ? fault.text : ""}
          />
        </div>
        <button type="button" class="quiet-button" aria-expanded={more} onClick={() => setMore(!more)}>
          {t("counts.more_fields")}
        </button>
        {more && (
          <div class="two">
            <TextField
              label={t("counts.lot")}
              value={typed.lot}
              onValue={(lot) => setTyped({ ...typed, lot })}
              maxLength={LOT_MAX}
            />
            <TextField
              label={t("counts.expires")}
              type="date"
              value={typed.expires}
              onValue={(expires) => setTyped({ ...typed, expires })}
              maxLength={10}
            />
            <TextField
              label={t("counts.note")}
              value={typed.note}
              onValue={(note) => setTyped({ ...typed, note })}
              maxLength={NOTE_MAX}
            />
          </div>
        )}
        <div class="buttons thumb">
          <button type="submit" class="main" aria-disabled={busy}>
            {t("counts.receipt.add")}
          </button>
        </div>
      </form>
      {entry.trouble.value !== "" && (
        <p class="fault" role="alert">
          {entry.trouble.value}
        </p>
      )}
      {lines.length === 0 ? (
        <p class="empty">{t("counts.receipt.empty")}</p>
      ) : (
        <Lines
          lines={lines}
          titleOf={titleOf}
          differing={item.differing}
          onMend={mend}
          onDrop={(line) => void entry.put(lines.filter((each) => placeOf(each) !== placeOf(line)))}
        />
      )}
      <div class="buttons">
        {unsent !== null && (
          <button type="button" aria-disabled={busy} onClick={() => void entry.put(lines)}>
            {t("counts.receipt.send")}
          </button>
        )}
        <button
          type="button"
          class="main"
          aria-disabled={busy || lines.length === 0}
          onClick={() => {
            if (!busy && lines.length > 0) void entry.put(lines, true);
          }}
        >
          {t("counts.receipt.done")}
        </button>
      </div>
      <p class="quiet">{t(item.by_two ? "counts.receipt.done.two" : "counts.receipt.done.one")}</p>
    </section>
  );
}

/** The catalogue, for an operator; whoever only counts is told none. */
function useKnown(): readonly Findable[] {
  const skus = useDesk().console?.kept.skus.want().value ?? [];
  return skus.map(({ sku, title, barcode, zone }) => ({ sku, title, barcode, shelf_zone: zone }));
}

function saidOf(text: string, known: readonly Findable[], titleOf: (sku: string) => string): string {
  const row = meant(text, known, () => null);
  if (row !== null) return titleOf(row.sku);
  return t(known.length > 0 ? "counts.search.hint" : "counts.receipt.sku.hint");
}

interface LinesProps {
  readonly lines: readonly EntryLine[];
  readonly titleOf: (sku: string) => string;
  readonly differing?: readonly string[];
  readonly onMend?: (line: EntryLine) => void;
  readonly onDrop?: (line: EntryLine) => void;
}

function Lines({ lines, titleOf, differing = [], onMend, onDrop }: LinesProps) {
  return (
    <ul class="lines">
      {lines.map((line) => {
        const title = titleOf(line.sku);
        const what = foundText(line);
        const more = [line.lot && t("counts.lot.of", { lot: line.lot }), line.expires, line.note];
        return (
          <li key={placeOf(line)}>
            <span class="line-what">
              <strong>{title}</strong> {what}
              {differing.includes(line.sku) && <span class="badge">{t("counts.receipt.look_again")}</span>}
              <span class="quiet">{more.filter(Boolean).join(" · ")}</span>
            </span>
            {onMend && onDrop && (
              <span class="buttons">
                <button type="button" aria-label={t("counts.mend.of", { title, what })} onClick={() => onMend(line)}>
                  {t("counts.mend")}
                </button>
                <button type="button" aria-label={t("counts.drop.of", { title, what })} onClick={() => onDrop(line)}>
                  {t("counts.drop")}
                </button>
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
