/** Items that say the same, and what can be done about each. */

import { useId, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { ChecklistItem } from "../../api/schema";
import { Cures } from "./Cures";
import { type Group, keyOf, matching } from "./groups";
import { LevelMark } from "./LevelMark";
import type { Reading } from "./reading";
import { checkName, groupText, itemText } from "./sentences";
import { Together } from "./Together";

/** Articles shown at first, and as many more as a press brings: 2,000 at once would hold the page up. */
const SHOWN_FIRST = 5;
const SHOWN_MORE = 50;
/** From so many on there is a field to find one. */
const FOUND_FROM = 20;

interface Props {
  readonly group: Group;
  readonly reading: Reading;
  /** Called when a cure was carried out. */
  readonly onDone: () => void;
}

export function GroupCard({ group, reading, onDone }: Props) {
  const { level, check, items } = group;
  const [most, setMost] = useState(SHOWN_FIRST);
  const [typed, setTyped] = useState("");
  const head = useId();
  const found = matching(typed, items);
  const many = items.length > 1 ? groupText(group) : "";
  const more = found.length - most;
  return (
    <div class="card check" role="group" data-level={level} aria-labelledby={head}>
      <h5>
        <LevelMark level={level} /> <span id={head}>{checkName(check)}</span>
        {items.length > 1 && <span class="badge">{count(items.length)}</span>}
      </h5>
      {many !== "" && <p>{many}</p>}
      {items.length > 1 && <Together group={group} reading={reading} onDone={onDone} />}
      {items.length >= FOUND_FROM && (
        <label class="search">
          {t("before.shelf.find")}
          <input type="search" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
      )}
      <ul class="check-items">
        {found.slice(0, most).map((item) => (
          <li key={keyOf(item)}>
            <ItemRow item={item} said={many} />
            {level !== "pass" && <Cures item={item} reading={reading} onDone={onDone} />}
          </li>
        ))}
      </ul>
      {more > 0 && (
        <button type="button" onClick={() => setMost(most + SHOWN_MORE)}>
          {t("checklist.more", { count: Math.min(more, SHOWN_MORE), left: count(more) })}
        </button>
      )}
    </div>
  );
}

interface RowProps {
  readonly item: ChecklistItem;
  /** What is said of all of them, and not again of each. */
  readonly said: string;
}

function ItemRow({ item, said }: RowProps) {
  const { sku, title, link } = item;
  const text = itemText(item);
  return (
    <p class="check-item">
      {sku !== null && (
        <>
          {link !== null && <span class="link-mark">{link}</span>} <strong>{title || sku}</strong>{" "}
          {title !== "" && <span class="sku">{sku}</span>}{" "}
        </>
      )}
      {text !== said && text}
    </p>
  );
}
