/** Counting: find a SKU, say how many there are, go on with the next. Made for a phone in one hand, and for a scanner. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { CountItem, CountRowItem } from "../../api/schema";
import { useDesk } from "../desk";
import { foundText } from "../sentences";
import { Unread } from "../Unread";
import { useBack } from "./back";
import { isTyped } from "./drafts";
import type { Entering } from "./entering";
import { groupsOf } from "./groups";
import { LineForm } from "./LineForm";
import { Asked } from "./Questions";
import type { SheetRows } from "./rows";
import { found, meant } from "./search";

/** So many of each kind are drawn; what is typed above finds the others. */
const DRAWN_MAX = 60;

interface Props {
  readonly rows: SheetRows;
  readonly entering: Entering;
  readonly item: CountItem;
}

export function Counting({ rows, entering, item }: Props) {
  const desk = useDesk();
  const search = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [said, setSaid] = useState("");
  const [sku, setSku] = useState<string | null>(null);
  const bySku = rows.value.value;
  const all = useMemo(() => [...(bySku?.values() ?? [])], [bySku]);
  const linkOf = (name: string) => bySku?.get(name)?.link ?? desk.linkOf(name);
  useScanner(search, sku === null, desk.leads);
  useBack(sku !== null, () => {
    const draft = sku === null ? undefined : entering.drafts.value.peek().get(sku);
    // What is typed is kept; what was only opened is as it was before.
    if (sku !== null && draft !== undefined && !isTyped(draft)) void entering.leave(sku);
    setSku(null);
  });
  if (bySku === null) return <Unread kept={rows} />;

  const open = (row: CountRowItem) => {
    setTyped("");
    setSaid("");
    setSku(row.sku);
    const own = entering.ownOf(row).some((line) => !line.open);
    // What one has counted already is shown first: a second line is for a second place.
    if (row.may_count && !own) void entering.begin(row);
  };
  const look = (text: string) => {
    const row = meant(text, all, linkOf);
    if (row !== null) open(row);
    else setSaid(t(found(text, all, linkOf).length === 0 ? "counts.search.none" : "counts.search.many", { text }));
  };
  const row = sku === null ? undefined : bySku.get(sku);
  const leave = (word = "") => {
    setSku(null);
    setSaid(word);
    // The next one is scanned or typed at once.
    requestAnimationFrame(() => search.current?.focus({ preventScroll: true }));
  };
  if (row !== undefined) {
    return <LineForm row={row} all={all} item={item} entering={entering} onLeave={leave} onScan={open} />;
  }
  const groups = groupsOf(found(typed, all, linkOf), entering);
  return (
    <>
      <form
        class="search"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() !== "") look(typed);
        }}
      >
        <label for="count-search">{t("counts.search")}</label>
        <input
          ref={search}
          id="count-search"
          type="search"
          enterkeyhint="search"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder={t("counts.search.hint")}
          value={typed}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setSaid("");
          }}
        />
      </form>
      <p class="said-here" role="status">
        {said}
      </p>
      <Asked rows={groups.asking} entering={entering} />
      <Group name="unsaved" rows={groups.unsaved} entering={entering} onOpen={open} />
      <Group name="left" rows={groups.left} entering={entering} onOpen={open} />
      {typed === "" && groups.left.length + groups.unsaved.length === 0 && (
        <p class="empty">{t(doneKey(item, desk.leads))}</p>
      )}
      <Group name="others" rows={groups.others} entering={entering} onOpen={open} />
      <Group name="done" rows={groups.done} entering={entering} onOpen={open} />
    </>
  );
}

/** What is said where nothing is left to count. */
function doneKey({ state, rows }: CountItem, leads: boolean): string {
  if (rows === 0) return leads ? "counts.no_rows.leads" : "counts.no_rows";
  return state === "counting" ? "counts.all_done" : "counts.all_done.review";
}

interface GroupProps {
  readonly name: "unsaved" | "left" | "others" | "done";
  readonly rows: readonly CountRowItem[];
  readonly entering: Entering;
  readonly onOpen: (row: CountRowItem) => void;
}

function Group({ name, rows, entering, onOpen }: GroupProps) {
  const desk = useDesk();
  const linkText = (row: CountRowItem) => {
    const link = row.link ?? desk.linkOf(row.sku);
    return link === null ? "" : t("link.number", { link });
  };
  if (rows.length === 0) return null;
  const rest = rows.length - DRAWN_MAX;
  return (
    <section class="group" aria-labelledby={`count-${name}`}>
      <h3 id={`count-${name}`}>{t(`counts.group.${name}`, { count: rows.length, shown: count(rows.length) })}</h3>
      <ul class="list">
        {rows.slice(0, DRAWN_MAX).map((row) => (
          <li key={row.sku}>
            <button type="button" class="goods" onClick={() => onOpen(row)}>
              <span class="goods-title">{row.title || row.sku}</span>
              <span class="goods-what">
                {[linkText(row), row.title ? row.sku : "", row.shelf_zone].filter(Boolean).join(" · ")}
              </span>
              <span class="goods-found">{standText(row, entering)}</span>
            </button>
          </li>
        ))}
      </ul>
      {rest > 0 && <p class="quiet">{t("counts.rest", { count: rest, shown: count(rest) })}</p>}
      {name === "unsaved" && (
        <button type="button" class="main" onClick={() => void entering.saveAll()}>
          {t("counts.save_all")}
        </button>
      )}
    </section>
  );
}

/** What one has found oneself; of one that waits for that, what it waits for. */
function standText(row: CountRowItem, entering: Entering): string {
  const own = entering.ownOf(row).filter(({ open }) => !open);
  if (own.length > 0) return foundText(sumOf(own));
  if (row.status === "recount") return t(row.may_count ? "counts.recount" : "counts.recount.others");
  if (row.status === "counting" && !entering.ownOf(row).some(({ open }) => open)) return t("counts.others_at_it");
  if (row.status === "counted") return t("counts.others_have");
  return "";
}

function sumOf(lines: readonly { readonly good: number; readonly bad: number }[]) {
  const sum = (pick: "good" | "bad") => lines.reduce((units, line) => units + line[pick], 0);
  return { good: sum("good"), bad: sum("bad") };
}

const DIGIT = /^[0-9]$/;

/** A scanner types as a keyboard does, wherever the focus is: what it types goes into the search. Within the console letters
 * are the console's keys. */
function useScanner(search: { readonly current: HTMLInputElement | null }, isOn: boolean, inConsole: boolean): void {
  useEffect(() => {
    if (!isOn) return;
    const heard = (event: KeyboardEvent) => {
      const { key, target } = event;
      const isSign = inConsole ? DIGIT.test(key) : key.length === 1 && key !== " ";
      const isFree = target === document.body || (target instanceof HTMLElement && target.matches("button, a, main"));
      if (!isSign || !isFree || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector("dialog[open]") !== null) return;
      // The sign is typed where the focus is by then, and is no key of the console's.
      search.current?.focus();
      event.stopPropagation();
    };
    addEventListener("keydown", heard, { capture: true });
    return () => removeEventListener("keydown", heard, { capture: true });
  }, [isOn, inConsole]);
}
