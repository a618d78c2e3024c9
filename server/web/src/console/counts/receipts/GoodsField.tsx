/** The field that says which goods a line is of: scanned, or chosen from what is offered while one types. */

import { t } from "../../../shared/i18n";
import type { Findable } from "../sheet/search";
import type { Goods } from "./goods";

const SKU_MAX = 128;

interface Props {
  readonly goods: Goods;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onChosen: (goods: Findable) => void;
  /** Enter, as a scanner ends with: what is typed is all. */
  readonly onWhole: () => void;
  readonly fault: string;
  readonly input: { readonly current: HTMLInputElement | null };
}

export function GoodsField({ goods, text, onText, onChosen, onWhole, fault, input }: Props) {
  const { text: of, goods: offered, more } = goods.offered.value;
  const title = goods.titleOf(text.trim());
  const isOffered = offered.length > 0 && of === text;
  return (
    <>
      <div class="field" data-fault={fault !== ""}>
        <label for="receipt-sku">{t("counts.search")}</label>
        <input
          ref={input}
          id="receipt-sku"
          maxLength={SKU_MAX}
          enterkeyhint="search"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-invalid={fault !== ""}
          aria-describedby="receipt-sku-says"
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
          onKeyDown={(event) => {
            // A scanner's Enter says which goods they are, not that all is entered.
            if (event.key !== "Enter" || event.isComposing || text.trim() === "") return;
            event.preventDefault();
            onWhole();
          }}
        />
        <p id="receipt-sku-says" class={fault === "" ? "quiet" : "fault"} role="status">
          {fault || title || t("counts.receipt.sku.hint")}
        </p>
      </div>
      {isOffered && (
        <ul class="list offered" aria-label={t("counts.receipt.offered")}>
          {offered.map((each) => (
            <li key={each.sku}>
              <button type="button" class="goods" onClick={() => onChosen(each)}>
                <span class="goods-title">{each.title || each.sku}</span>
                <span class="goods-what">
                  {[each.title ? each.sku : "", each.barcode, each.shelf_zone].filter(Boolean).join(" · ")}
                </span>
              </button>
            </li>
          ))}
          {more && <li class="quiet">{t("counts.receipt.offered.more")}</li>}
        </ul>
      )}
    </>
  );
}
