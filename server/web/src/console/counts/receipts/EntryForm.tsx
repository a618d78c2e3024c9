/** What one enters of a delivery, line by line: for a phone and a scanner, too. */

import { useMemo, useRef, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import type { ReceiptItem } from "../../api/schema";
import { useDesk } from "../desk";
import { TextField } from "../form/Fields";
import { NumberField } from "../form/NumberField";
import { unitsOf } from "../form/units";
import { foundText } from "../sentences";
import type { Findable } from "../sheet/search";
import { type Entry, type EntryLine, placeOf, withLine } from "./entry";
import { GoodsField } from "./GoodsField";
import { Goods } from "./goods";

const LOT_MAX = 64;
const NOTE_MAX = 200;

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
  const goods = useMemo(() => new Goods(desk), [desk]);
  desk.console?.kept.skus.want();
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
  const titleOf = (name: string) => titles.get(name) || goods.titleOf(name) || name;
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
  const choose = (chosen: Findable) => {
    goods.close();
    setFault(null);
    // What was typed while the server was asked stays.
    setTyped((now) => ({ ...now, sku: chosen.sku }));
    good.current?.focus();
  };
  /** The SKU that is meant; "" where that has to be said first. Without an answer it is what is typed. */
  const find = async (): Promise<string> => {
    const text = typed.sku;
    const found = text.trim() === "" ? ({ kind: "none" } as const) : await goods.mean(text);
    if (found.kind === "one") {
      choose(found.goods);
      return found.goods.sku;
    }
    if (found.kind === "unanswered") {
      good.current?.focus();
      return text.trim();
    }
    const key = found.kind === "none" ? "counts.make.unknown" : "counts.search.many";
    setFault({ field: "sku", text: t(key, { what: text, text }) });
    sku.current?.focus();
    return "";
  };
  const add = async () => {
    const goodUnits = unitsOf(typed.good);
    const badUnits = typed.bad.trim() === "" ? 0 : unitsOf(typed.bad);
    const name = await find();
    if (name === "") return;
    if (goodUnits === null || badUnits === null) {
      setFault({ field: goodUnits === null ? "good" : "bad", text: t("counts.expected.units") });
      return;
    }
    setFault(null);
    const { lot, expires, note } = typed;
    const line = { sku: name, good: goodUnits, bad: badUnits, lot: lot.trim(), expires, note: note.trim() };
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
        <GoodsField
          goods={goods}
          text={typed.sku}
          onText={(text) => {
            setTyped({ ...typed, sku: text });
            if (fault?.field === "sku") setFault(null);
            goods.typed(text);
          }}
          onChosen={choose}
          onWhole={() => void find()}
          fault={fault?.field === "sku" ? fault.text : ""}
          input={sku}
        />
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
