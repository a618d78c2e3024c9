/** What of a count is counted on other ones: some of what was meant, or all of it, and then nothing was made. */

import { useEffect, useRef } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { CountMade } from "../../api/schema";
import { useDesk } from "../desk";
import { goTo, linkTo } from "../parts";
import { titleOf } from "../sentences";
import { heldBy } from "./elsewhere";

interface Props {
  readonly made: CountMade;
  /** Nothing was left for it. */
  readonly none: boolean;
}

export function Elsewhere({ made, none }: Props) {
  const all = useDesk().counts.want().value ?? [];
  const head = useRef<HTMLHeadingElement>(null);
  // The form that had the focus is not there any more.
  useEffect(() => head.current?.focus(), []);
  const left = made.elsewhere.length;
  const nameOf = (id: string) => {
    const other = all.find((each) => each.count === id);
    return other === undefined ? t("counts.made.other") : titleOf(other);
  };
  return (
    <>
      <p class="back">
        <a href={linkTo({ kind: "counts" })}>{t("counts.back")}</a>
      </p>
      <section class="card" aria-labelledby="count-made">
        <h2 id="count-made" ref={head} tabIndex={-1}>
          {none ? t("counts.made.none") : t("counts.made.elsewhere", { count: left })}
        </h2>
        <p>{t("counts.made.elsewhere.what")}</p>
        <ul>
          {heldBy(made.elsewhere).map(([id, n]) => (
            <li key={id}>
              <a href={linkTo({ kind: "count", id })}>{nameOf(id)}</a> (
              {t("counts.of.skus", { count: n, shown: count(n) })})
            </li>
          ))}
        </ul>
        {!none && (
          <button type="button" class="main" onClick={() => goTo({ kind: "count", id: made.count.count })}>
            {t("counts.made.open")}
          </button>
        )}
      </section>
    </>
  );
}
