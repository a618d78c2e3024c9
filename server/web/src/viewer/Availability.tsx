/** How many are left, in figures and in a word. Changes in place: text nodes only, in space that is kept for them. */

import { useComputed } from "@preact/signals";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { levelToShow } from "./sale";
import { useViewer } from "./viewer";
import "./availability.css";

const LEVELS = ["ok", "low", "lower", "last", "all_held", "sold_out", "frozen"];

/** `large` shows the number by itself, above its words. */
export function Availability({ sku, large = false }: { sku: string; large?: boolean }) {
  const viewer = useViewer();
  const view = viewer.live.sku(sku);
  const sale = viewer.sale(sku);
  const level = useComputed(() => levelToShow(view.value?.level ?? "sold_out", sale.value));
  const left = useComputed(() => count(view.value?.available ?? 0));
  const leftWord = useComputed(() => t(`stock.left.${sale.value}`, { count: view.value?.available ?? 0 }));
  // A newer server may know levels that this page does not: then the number speaks for itself.
  const word = useComputed(() => (LEVELS.includes(level.value ?? "") ? t(`stock.level.${level.value}`) : ""));
  return (
    <p class={large ? "availability availability-large" : "availability"} data-level={level} data-sale={sale}>
      <span class="left">
        <span class="left-count">{left}</span> <span class="left-word">{leftWord}</span>
      </span>{" "}
      <span class="level">{word}</span>
    </p>
  );
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
