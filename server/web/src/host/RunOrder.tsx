/** The order of the show: what was, what is on, what comes. Any of them can be called up. */

import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { LiveBackstage } from "../shared/backstage";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { Link } from "../shared/Link";
import type { Place } from "../shared/runorder";
import { waitingText } from "../shared/waiting";
import { levelText } from "../staff/level";
import type { Stepper } from "./stepper";

interface Props {
  readonly live: LiveBackstage;
  readonly place: ReadonlySignal<Place>;
  readonly stepper: Stepper;
}

export function RunOrder({ live, place, stepper }: Props) {
  const shelf = live.shelf.value;
  const { before: rowBefore, on: rowOn, next: rowNext } = place.value;
  const list = useRef<HTMLOListElement>(null);
  // The list is cut where a row ends, so that what is on and what comes next are whole, after one that was.
  useEffect(() => {
    const at = list.current;
    const [before, on, next] = [rowBefore, rowOn, rowNext].map((index) => rowAt(at, index));
    const first = before ?? on ?? next;
    const last = next ?? on;
    if (at === null || first === undefined || last === undefined) return;
    let placed = 0;
    const scroll = () => {
      at.scrollTop = first.offsetTop;
      placed = at.scrollTop;
    };
    scroll();
    // A list that nobody has scrolled follows: it may have been too high to scroll, or its styles came late. Another
    // keeps its place when it gets lower (an alert has come), unless that would hide what comes next from who saw it.
    const observer = new ResizeObserver(() => {
      if (at.scrollTop === placed) return scroll();
      const end = at.scrollTop + at.clientHeight;
      const near = first.offsetTop + first.offsetHeight > at.scrollTop && first.offsetTop < end;
      if (near && last.offsetTop + last.offsetHeight > end + 1) scroll();
    });
    observer.observe(at);
    return () => observer.disconnect();
  }, [rowBefore, rowOn, rowNext, shelf]);
  const stop = rowOn < 0 ? Math.min(rowNext, shelf.length - 1) : rowOn;
  return (
    <section class="run-order" aria-labelledby="order-title">
      <h2 id="order-title">
        {t(rowOn < 0 ? "order.title.none" : "order.title", { place: count(rowOn + 1), of: count(shelf.length) })}
      </h2>
      <div class="rows">
        {/* One stop of the Tab key, not two hundred; from there the arrow keys lead on. */}
        <ol ref={list} onKeyDown={moveFocus}>
          {shelf.map((sku, index) => (
            <Row
              key={sku}
              live={live}
              stepper={stepper}
              sku={sku}
              standing={standingOf(index, place.value)}
              stop={index === stop}
            />
          ))}
        </ol>
      </div>
    </section>
  );
}

function rowAt(list: HTMLOListElement | null, index: number): HTMLElement | undefined {
  const row = list?.children[index];
  return row instanceof HTMLElement ? row : undefined;
}

/** The arrow keys go from row to row. */
function moveFocus(event: KeyboardEvent): void {
  const row = event.target instanceof Element ? event.target.closest("li") : null;
  const to =
    event.key === "ArrowDown" ? row?.nextElementSibling : event.key === "ArrowUp" ? row?.previousElementSibling : null;
  if (!to) return;
  event.preventDefault();
  to.querySelector("button")?.focus();
}

type Standing = "past" | "current" | "next" | "later";

function standingOf(index: number, { on, next }: Place): Standing {
  if (index === on) return "current";
  if (index === next) return "next";
  return index < next ? "past" : "later";
}

interface RowProps extends Omit<Props, "place"> {
  readonly sku: string;
  readonly standing: Standing;
  /** Where the Tab key stops. */
  readonly stop: boolean;
}

/** Each row follows its own product, so that a change draws one row and not the list. */
function Row({ live, stepper, sku, standing, stop }: RowProps) {
  const product = live.sku(sku).value;
  // Of its figures, which change all the time, this alone is drawn here.
  const waiting = useComputed(() => waitingText(live.metric(sku).value?.waiting ?? 0));
  const marked = standing === "current" || standing === "next";
  return (
    <li data-standing={standing} data-level={product?.level}>
      <button
        type="button"
        tabIndex={stop ? 0 : -1}
        aria-current={standing === "current" ? "true" : undefined}
        disabled={!live.connection.value.current}
        onClick={() => stepper.go(sku)}
      >
        <span class="number">{product !== undefined && <Link link={product.link} />}</span>
        <span class="name">
          {marked && <strong class="mark">{t(`order.${standing}`)} </strong>}
          <span class="title">{product?.title ?? sku}</span>
        </span>
        <span class="stock">
          <span class="count">{product === undefined ? "–" : count(product.available)}</span>
          <span class="level">{standingText(product?.level ?? "", waiting.value)}</span>
        </span>
      </button>
    </li>
  );
}

/** Of what cannot be had, how many wait says more than the word, and the row has no room for both. */
function standingText(level: string, waiting: string): string {
  const word = waiting !== "" && (level === "sold_out" || level === "all_held") ? "" : levelText(level);
  return [word, waiting].filter((text) => text !== "").join(" · ");
}
