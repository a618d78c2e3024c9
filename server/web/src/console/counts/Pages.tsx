/** The pages of counts and receipts, as an operator and somebody who only counts see them. */

import { CountList } from "./CountList";
import { useDesk } from "./desk";
import { NewCount } from "./make/NewCount";
import type { Part } from "./parts";
import { NewReceipt } from "./receipts/NewReceipt";
import { Receipt } from "./receipts/Receipt";
import { ReceiptList } from "./receipts/ReceiptList";
import { Sheet } from "./sheet/Sheet";
import "./counts.css";
import "./form/form.css";
import "./sheet/sheet.css";
import "./review/review.css";

export function Pages({ part }: { readonly part: Part }) {
  const { leads } = useDesk();
  switch (part.kind) {
    case "count":
      return <Sheet key={part.id} id={part.id} />;
    case "receipt":
      return <Receipt key={part.id} id={part.id} />;
    case "receipts":
      return <ReceiptList />;
    case "new_receipt":
      return <NewReceipt />;
    case "new_count":
      return leads ? <NewCount /> : <CountList />;
    default:
      return <CountList />;
  }
}
