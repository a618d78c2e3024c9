/** One count: what it is and how far, then what is to be done with it now. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import type { CountItem } from "../../api/schema";
import { later } from "../../later";
import { useDesk } from "../desk";
import { linkTo } from "../parts";
import { isOver, progressText, signedText, titleOf, waitsFor } from "../sentences";
import { Unread } from "../Unread";
import { Counting } from "./Counting";
import { Entering } from "./entering";
import { SheetRows } from "./rows";

const Review = later(async () => (await import("../review/Review")).Review);
const SheetFile = later(async () => (await import("../file/SheetFile")).SheetFile);

/** What is looked at of a count. */
type Face = "count" | "review" | "file";

export function Sheet({ id }: { readonly id: string }) {
  const desk = useDesk();
  const rows = useMemo(() => new SheetRows(desk, id), [desk, id]);
  const entering = useMemo(() => new Entering(desk, rows), [desk, rows]);
  useEffect(() => () => rows.close(), [rows]);
  const item = rows.item.want().value;
  const [chosen, setChosen] = useState<Face | null>(null);
  if (item === null) {
    return (
      <>
        <Back />
        <Unread kept={rows.item} />
      </>
    );
  }
  const faces = facesOf(item, desk.leads);
  const face = faces.find((each) => each === chosen) ?? faces[0];
  return (
    <article class="sheet" aria-labelledby="count-title">
      <Back />
      <Head item={item} />
      <Unread kept={rows.item} />
      {faces.length > 1 && (
        <div class="faces" role="group" aria-label={titleOf(item)}>
          {faces.map((each) => (
            <button key={each} type="button" aria-pressed={each === face} onClick={() => setChosen(each)}>
              {t(`counts.face.${each}`)}
            </button>
          ))}
        </div>
      )}
      {face === "count" && <Counting rows={rows} entering={entering} item={item} />}
      {face === "review" && <Review rows={rows} entering={entering} item={item} />}
      {face === "file" && <SheetFile item={item} />}
    </article>
  );
}

/** What there is to look at, what is likely meant first. */
function facesOf(item: CountItem, leads: boolean): readonly Face[] {
  if (!leads) return ["count"];
  if (item.state === "counting" || item.state === "opening") return ["count", "review", "file"];
  return item.state === "review" ? ["review", "count", "file"] : ["review", "file"];
}

function Back() {
  return (
    <p class="back">
      <a href={linkTo({ kind: "counts" })}>{t("counts.back")}</a>
    </p>
  );
}

function Head({ item }: { readonly item: CountItem }) {
  const title = titleOf(item);
  return (
    <header class="sheet-head">
      <div class="card-head">
        <h2 id="count-title">{title}</h2>
        <span class="badge" data-state={item.state}>
          {t(`counts.state.${item.state}`)}
        </span>
        {item.blind && <span class="badge">{t("counts.blind")}</span>}
      </div>
      {item.note !== "" && <p class="note">{item.note}</p>}
      {!isOver(item) && <progress max={Math.max(1, item.rows)} value={item.counted_rows} aria-label={title} />}
      <p class="quiet">{[progressText(item), ...waitsFor(item), signedText(item)].filter(Boolean).join(" · ")}</p>
    </header>
  );
}
