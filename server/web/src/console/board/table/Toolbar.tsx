/** Above the table: what is shown of it, how old its order is, and which columns it has. */

import { useEffect, useRef, useState } from "preact/hooks";
import { useNow } from "../../../shared/clock";
import { age, count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { useBoard } from "../model";
import { COLUMNS } from "./columns";
import { ONLY, type Only } from "./filter";

export function Toolbar() {
  const { order, shelf } = useBoard();
  const filter = order.filter.value;
  const toggle = (only: Only) => {
    const others = filter.only.filter((each) => each !== only);
    order.filterBy(
      { ...filter, only: others.length < filter.only.length ? others : [...others, only] },
      performance.now(),
    );
  };
  return (
    <div class="board-toolbar">
      <input
        type="search"
        class="board-filter"
        placeholder={t("board.filter")}
        aria-label={t("board.filter")}
        value={filter.text}
        onInput={(event) => order.filterBy({ ...filter, text: event.currentTarget.value }, performance.now())}
      />
      <fieldset class="board-only" aria-label={t("board.only")}>
        {ONLY.map((only) => (
          <button key={only} type="button" aria-pressed={filter.only.includes(only)} onClick={() => toggle(only)}>
            {t(`board.only.${only}`)}
          </button>
        ))}
      </fieldset>
      <span class="quiet">
        {t("board.shown", { shown: count(order.rows.value.length), of: count(shelf.value.length) })}
      </span>
      <span class="board-space" />
      <OrderAge />
      <Chooser />
    </div>
  );
}

/** How old the order of the rows is, where somebody holds it. */
function OrderAge() {
  const { order } = useBoard();
  const now = useNow().value;
  order.sorted.value;
  const ageMs = order.still.ageMs(now);
  if (ageMs === null) return null;
  return (
    <span class="board-age" data-held={order.still.isHeld}>
      <span class="board-age-text">
        {order.still.isHeld ? t("board.order.held", { age: age(ageMs) }) : t("board.order.live")}
      </span>
      <button type="button" onClick={() => order.sort(performance.now())}>
        {t("board.order.sort")}
      </button>
    </span>
  );
}

/** Which columns there are, and in which order. */
function Chooser() {
  const { order } = useBoard();
  const [isOpen, setOpen] = useState(false);
  const place = useRef<HTMLDetailsElement>(null);
  const shown = order.columns.value;
  const ids = shown.map(({ id }) => id);
  const listed = [...shown, ...COLUMNS.filter(({ id }) => !ids.includes(id))];
  const turn = (open: boolean) => {
    setOpen(open);
    // It hangs over the table, and changes what stands in it.
    if (open) order.still.hold("menu");
    else order.still.release("menu", performance.now());
  };
  useEffect(() => {
    if (!isOpen) return;
    const press = ({ target }: Event) => {
      if (target instanceof Node && !place.current?.contains(target)) turn(false);
    };
    document.addEventListener("pointerdown", press);
    return () => document.removeEventListener("pointerdown", press);
  }, [isOpen]);
  return (
    <details
      ref={place}
      class="board-chooser"
      open={isOpen}
      onToggle={(event) => turn(event.currentTarget.open)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        turn(false);
        place.current?.querySelector("summary")?.focus();
      }}
      onFocusOut={(event) => {
        if (event.relatedTarget instanceof Node && !event.currentTarget.contains(event.relatedTarget)) turn(false);
      }}
    >
      <summary>{t("board.columns")}</summary>
      <div class="board-choice">
        <ul>
          {listed.map(({ id, isFixed }) => {
            const place = ids.indexOf(id);
            const name = t(`board.column.${id}.name`);
            return (
              <li key={id}>
                <label>
                  <input
                    type="checkbox"
                    checked={place >= 0}
                    disabled={isFixed}
                    onChange={(event) => order.showColumn(id, event.currentTarget.checked)}
                  />
                  {name}
                </label>
                {place >= 0 && !isFixed && (
                  <span class="board-moves">
                    <button
                      type="button"
                      aria-label={t("board.columns.left", { name })}
                      onClick={() => order.moveColumn(id, -1)}
                    >
                      ↑
                    </button>
                    <button
                      type="button"
                      aria-label={t("board.columns.right", { name })}
                      onClick={() => order.moveColumn(id, 1)}
                    >
                      ↓
                    </button>
                  </span>
                )}
              </li>
            );
          })}
        </ul>
        <button type="button" onClick={() => order.usualColumns()}>
          {t("board.columns.usual")}
        </button>
      </div>
    </details>
  );
}
