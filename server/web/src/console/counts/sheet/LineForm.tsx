/** One SKU of a sheet: what one has found of it, place by place, and what is being typed. */

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { Tile } from "../../../shared/Tile";
import type { CountItem, CountLineItem, CountRowItem } from "../../api/schema";
import { useDesk } from "../desk";
import { TextField } from "../form/Fields";
import { NumberField } from "../form/NumberField";
import { unitsOf } from "../form/units";
import { foundText } from "../sentences";
import { isTyped, type LineDraft } from "./drafts";
import type { Entering } from "./entering";
import { Questions } from "./Questions";
import { scanned } from "./search";

const ZONE_MAX = 128;
const LOT_MAX = 64;
const NOTE_MAX = 200;

interface Props {
  readonly row: CountRowItem;
  readonly all: readonly CountRowItem[];
  readonly item: CountItem;
  readonly entering: Entering;
  /** Back to the list, with a word on what came of it. */
  readonly onLeave: (word?: string) => void;
  /** Another SKU was scanned. */
  readonly onScan: (row: CountRowItem) => void;
}

export function LineForm({ row, all, item, entering, onLeave, onScan }: Props) {
  const { linkOf } = useDesk();
  const head = useRef<HTMLHeadingElement>(null);
  const draft = entering.drafts.value.value.get(row.sku);
  const own = entering.ownOf(row).filter(({ open, line }) => !open && line !== draft?.mends);
  const title = row.title || row.sku;
  useEffect(() => {
    if (entering.drafts.value.peek().get(row.sku) === undefined) head.current?.focus();
  }, [row.sku]);
  const link = row.link ?? linkOf(row.sku);
  const facts = [
    link === null ? "" : t("link.number", { link }),
    row.title ? row.sku : "",
    row.barcode,
    row.shelf_zone,
  ];
  const fault = entering.fault.value;
  const about = fault?.sku === row.sku ? fault : null;
  return (
    <section class="line-form" aria-labelledby="line-title">
      <div class="line-head">
        <Tile sku={row.sku} title={row.title} image={row.image_url || null} />
        <div>
          <h3 id="line-title" ref={head} tabIndex={-1}>
            {title}
          </h3>
          <p class="quiet">{facts.filter(Boolean).join(" · ")}</p>
          {row.round > 1 && <p class="badge">{t("counts.round", { round: row.round })}</p>}
        </div>
      </div>
      <Questions row={row} entering={entering} />
      {own.length > 0 && (
        <ul class="lines">
          {own.map((line) => (
            <Own key={line.line} line={line} title={title} row={row} item={item} entering={entering} />
          ))}
        </ul>
      )}
      {about?.field === "" && (
        <p class="fault" role="alert">
          {about.text}
        </p>
      )}
      {draft === undefined ? (
        <div class="buttons thumb">
          <button type="button" onClick={() => onLeave()}>
            {t("counts.to_list")}
          </button>
          {row.may_count && (
            <button type="button" class="main" onClick={() => void entering.begin(row)}>
              {t(own.length > 0 ? "counts.another" : "counts.begin")}
            </button>
          )}
        </div>
      ) : (
        <Typed row={row} all={all} draft={draft} entering={entering} onLeave={onLeave} onScan={onScan} />
      )}
      {draft === undefined && !row.may_count && own.length === 0 && <p class="empty">{t("counts.not_you")}</p>}
    </section>
  );
}

interface OwnProps {
  readonly line: CountLineItem;
  readonly title: string;
  readonly row: CountRowItem;
  readonly item: CountItem;
  readonly entering: Entering;
}

/** A line that one has saved. */
function Own({ line, title, row, item, entering }: OwnProps) {
  const what = foundText(line);
  const goesOn = row.may_count && (item.state === "counting" || item.state === "review");
  return (
    <li>
      <span class="line-what">
        <strong>{what}</strong>
        <span class="quiet">{[line.zone, lotText(line), line.note].filter(Boolean).join(" · ")}</span>
      </span>
      {goesOn && (
        <span class="buttons">
          <button
            type="button"
            aria-label={t("counts.mend.of", { title, what })}
            onClick={() => entering.mend(row.sku, line)}
          >
            {t("counts.mend")}
          </button>
          <button
            type="button"
            aria-label={t("counts.drop.of", { title, what })}
            onClick={() => void entering.drop(row.sku, line.line)}
          >
            {t("counts.drop")}
          </button>
        </span>
      )}
    </li>
  );
}

/** The lot of a line and until when it can be sold. */
export function lotText({ lot, expires_on }: Pick<CountLineItem, "lot" | "expires_on">): string {
  return [lot && t("counts.lot.of", { lot }), expires_on && t("counts.expires.of", { day: expires_on })]
    .filter(Boolean)
    .join(" · ");
}

interface TypedProps extends Pick<Props, "row" | "all" | "entering" | "onLeave" | "onScan"> {
  readonly draft: LineDraft;
}

function Typed({ row, all, draft, entering, onLeave, onScan }: TypedProps) {
  const good = useRef<HTMLInputElement>(null);
  const [more, setMore] = useState(draft.lot !== "" || draft.expires !== "" || draft.note !== "");
  const fault = entering.fault.value;
  const faultOf = (field: "good" | "bad") => (fault?.sku === row.sku && fault.field === field ? fault.text : "");
  const busy = entering.busy.value.has(row.sku);
  const put = (change: Partial<LineDraft>) => entering.type({ ...draft, ...change });
  useEffect(() => {
    good.current?.focus();
    good.current?.select();
  }, [draft.key]);
  const save = async (then?: CountRowItem) => {
    const now = entering.drafts.value.peek().get(row.sku);
    const what = foundText({ good: unitsOf(now?.good ?? "") ?? 0, bad: unitsOf(now?.bad ?? "") ?? 0 });
    if (!(await entering.save(row.sku))) {
      good.current?.focus();
      return;
    }
    if (then === undefined) onLeave(t("counts.saved", { title: row.title || row.sku, what }));
    else onScan(then);
  };
  /** A scan into a field of units is no number: the field has again what was typed, and the SKU that was scanned is next. */
  const onEnter = (field: "good" | "bad") => (): boolean => {
    const scan = scanned(draft[field], all);
    if (scan === null) return false;
    put({ [field]: scan.before });
    if (scan.row.sku === row.sku) return true;
    const now = { ...draft, [field]: scan.before };
    if (unitsOf(now.good) !== null) void save(scan.row);
    else {
      if (!isTyped(now)) void entering.leave(row.sku);
      onScan(scan.row);
    }
    return true;
  };
  return (
    <form
      class="typed"
      aria-label={t("counts.line")}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void save();
      }}
    >
      <div class="two">
        <NumberField
          label={t("counts.good")}
          text={draft.good}
          onText={(text) => put({ good: text })}
          fault={faultOf("good")}
          input={good}
          onEnter={onEnter("good")}
        />
        <NumberField
          label={t("counts.bad")}
          text={draft.bad}
          onText={(text) => put({ bad: text })}
          fault={faultOf("bad")}
          onEnter={onEnter("bad")}
        />
      </div>
      {draft.mends === null && (
        <TextField
          label={t("counts.zone")}
          value={draft.zone}
          onValue={(zone) => put({ zone })}
          maxLength={ZONE_MAX}
          offered={zonesOf(all)}
        />
      )}
      <button type="button" class="quiet-button" aria-expanded={more} onClick={() => setMore(!more)}>
        {t("counts.more_fields")}
      </button>
      {more && (
        <div class="two">
          {draft.mends === null && (
            <>
              <TextField
                label={t("counts.lot")}
                value={draft.lot}
                onValue={(lot) => put({ lot })}
                maxLength={LOT_MAX}
              />
              <TextField
                label={t("counts.expires")}
                type="date"
                value={draft.expires}
                onValue={(expires) => put({ expires })}
                maxLength={10}
              />
            </>
          )}
          <TextField
            label={t("counts.note")}
            value={draft.note}
            onValue={(note) => put({ note })}
            maxLength={NOTE_MAX}
          />
        </div>
      )}
      <div class="buttons thumb">
        <button
          type="button"
          onClick={() => {
            void entering.leave(row.sku);
            onLeave();
          }}
        >
          {t("counts.cancel")}
        </button>
        {isTyped(draft) && (
          <button type="button" onClick={() => onLeave()}>
            {t("counts.later")}
          </button>
        )}
        <button type="submit" class="main" aria-disabled={busy}>
          {t("counts.save")}
        </button>
      </div>
    </form>
  );
}

/** So many zones are offered at once. */
const ZONES_MAX = 100;

function zonesOf(rows: readonly CountRowItem[]): readonly string[] {
  return [...new Set(rows.map(({ shelf_zone }) => shelf_zone).filter(Boolean))].sort().slice(0, ZONES_MAX);
}
