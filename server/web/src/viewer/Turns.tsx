/**
 * It is the viewer's turn: what the waitlist holds for them, with its time, above all else that is theirs. And what came
 * of a wait that ended without a purchase, until they have taken note of it.
 */

import type { Holding } from "@shelfcast/client";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { HoldActions, HoldTime, HoldVoice } from "./Hold";
import { useViewer } from "./model/viewer";
import type { WaitNews } from "./model/waitstore";
import { useSettled } from "./settled";
import { Units } from "./Units";
import "./turns.css";

export function Turns({ turns, news }: { turns: readonly Holding[]; news: readonly WaitNews[] }) {
  if (turns.length + news.length === 0) return null;
  return (
    <ul class="turns">
      {turns.map((hold, index) => (
        <Turn key={hold.id} hold={hold} isFirst={index === 0} />
      ))}
      {news.map((each) => (
        <News key={each.id} news={each} />
      ))}
    </ul>
  );
}

/** The focus stays where it was: a press or a key that was meant for something else must not buy. */
function Turn({ hold, isFirst }: { hold: Holding; isFirst: boolean }) {
  const { live, purchases } = useViewer();
  const settled = useSettled(hold.id, true);
  const asked = purchases.asked(hold) ?? hold.qty;
  return (
    <li
      class="hold turn"
      id={isFirst ? "turn" : undefined}
      tabIndex={-1}
      data-sku={hold.sku}
      data-reservation={hold.id}
    >
      <h3 class="turn-call">{t("turn.call")}</h3>
      <p class="hold-left">
        <HoldTime key={hold.expires_at_ms} hold={hold} />
      </p>
      <Units wish={hold} />
      <p class="turn-hint">
        {asked > hold.qty && (
          <strong>{t("turn.part", { count: hold.qty, shown: count(hold.qty), asked: count(asked) })} </strong>
        )}
        {t(live.demonstration.value ? "turn.hint_demo" : "turn.hint")}
      </p>
      <div class="hold-actions">
        <HoldActions hold={hold} settled={settled} />
      </div>
      <HoldVoice hold={hold} />
    </li>
  );
}

function News({ news }: { news: WaitNews }) {
  const viewer = useViewer();
  const settled = useSettled(news.id, true);
  const offer = viewer.offer(news.sku).value?.kind;
  const act = (action: () => void) => () => {
    if (settled) action();
  };
  return (
    <li class="wait-news" data-sku={news.sku} data-why={news.why}>
      <Units wish={news} />
      <p class="turn-hint">{t(news.key, news.values)}</p>
      <div class="hold-actions">
        {(offer === "wait" || offer === "open") && (
          <button type="button" class="pay" aria-disabled={!settled} onClick={act(() => viewer.tryAgain(news))}>
            {t(offer === "wait" ? "wait.again" : "wait.reserve_now")}
            <span class="visually-hidden">: {viewer.titleOf(news)}</span>
          </button>
        )}
        <button
          type="button"
          class="give-back"
          aria-disabled={!settled}
          onClick={act(() => viewer.waits.dismiss(news.id))}
        >
          {t("wait.noted")}
          <span class="visually-hidden">: {viewer.titleOf(news)}</span>
        </button>
      </div>
    </li>
  );
}
