/** How many are left, in figures and in a word. Changes in place: text nodes only, in space that is kept for them. */

import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useRef } from "preact/hooks";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { levelToShow } from "./model/sale";
import { useViewer } from "./model/viewer";
import "./availability.css";

/** A count takes room for as many digits at least, and for as many as it once had here: its word stays in its place. */
const DIGITS = 2;

const LEVELS = ["ok", "low", "lower", "last", "all_held", "sold_out", "frozen"];

/** `large` shows the number by itself, above its words. */
export function Availability({ sku, large = false }: { sku: string; large?: boolean }) {
  const viewer = useViewer();
  const view = viewer.live.sku(sku);
  const sale = viewer.sale(sku);
  const level = useComputed(() => levelToShow(view.value?.level ?? "sold_out", sale.value));
  const left = useComputed(() => count(view.value?.available ?? 0));
  const room = useRoom(left, large);
  const leftWord = useComputed(() => t(`stock.left.${sale.value}`, { count: view.value?.available ?? 0 }));
  // A newer server may know levels that this page does not: then the number speaks for itself.
  const word = useComputed(() => (LEVELS.includes(level.value ?? "") ? t(`stock.level.${level.value}`) : ""));
  return (
    <p class={large ? "availability availability-large" : "availability"} data-level={level} data-sale={sale}>
      <span class="left">
        <span class="left-count" style={room} translate={false}>
          {left}
        </span>{" "}
        <span class="left-word">{leftWord}</span>
      </span>{" "}
      <span class="level">{word}</span>
    </p>
  );
}

/** In the line of its word: the large one stands above it. */
function useRoom(text: ReadonlySignal<string>, large: boolean): ReadonlySignal<string | undefined> {
  const digits = useRef(DIGITS);
  const marks = useRef(0);
  return useComputed(() => {
    digits.current = Math.max(digits.current, text.value.replace(/\D/g, "").length);
    marks.current = Math.max(marks.current, text.value.replace(/\d/g, "").length);
    return large ? undefined : `min-width: calc(${digits.current}ch + ${marks.current} * 0.25em)`;
  });
}

/** Units in other people's checkouts, which may come back. */
export function InCheckouts({ sku }: { sku: string }) {
  const { live } = useViewer();
  const view = live.sku(sku);
  const text = useComputed(() => {
    const held = view.value?.held ?? 0;
    return held > 0 ? t("stock.held", { count: held, shown: count(held) }) : "";
  });
  return <>{text}</>;
}
