/** A hold: how long it lasts still, and what can be done with it. */

import { useComputed } from "@preact/signals";
import type { Holding } from "@shelfcast/client";
import { useEffect, useRef } from "preact/hooks";
import { asked } from "../shared/asked";
import { useSecond } from "../shared/clock";
import { clockTime } from "../shared/format";
import { language, localeOf, t } from "../shared/i18n";
import { useSecondsLeft } from "./Countdown";
import { milestone, secondsLeft, URGENT_BELOW_S } from "./model/countdown";
import { useViewer } from "./model/viewer";
import "./buttons.css";
import "./hold.css";

/** What ticks is for the eye; a screen reader hears until when, and a word before the end. */
export function HoldClock({ hold }: { hold: Holding }) {
  const title = useViewer().titleOf(hold);
  return (
    <>
      <span class="hold-clock" aria-hidden="true">
        <span class="hold-word">{t(hold.offered ? "turn.short" : "hold.short")}</span>{" "}
        <HoldTime key={hold.id + hold.expires_at_ms} hold={hold} />
      </span>
      <span class="visually-hidden">{holdName(hold, title)}</span>
    </>
  );
}

function holdName(hold: Holding, title: string): string {
  if (hold.state === "payment_pending") return t("hold.paying_named", { title, count: hold.qty });
  const until = new Intl.DateTimeFormat(localeOf(language.value), { timeStyle: "medium" }).format(hold.expires_at_ms);
  return t("hold.held_named", { title, until, count: hold.qty });
}

/** The time that is left, by the server's clock. */
export function HoldTime({ hold }: { hold: Holding }) {
  const { purchases } = useViewer();
  const leftS = useSecondsLeft(hold.expires_at_ms, purchases.lengths.of(hold.id));
  const text = useComputed(() => (leftS.value > 0 ? clockTime(leftS.value * 1000) : t("hold.time_up")));
  const urgent = useComputed(() => (leftS.value <= URGENT_BELOW_S ? "" : undefined));
  return (
    <time class="countdown" data-urgent={urgent}>
      {text}
    </time>
  );
}

/** Says the milestones of a countdown to who listens. Once a hold, wherever it is drawn. */
export function HoldVoice({ hold }: { hold: Holding }) {
  const viewer = useViewer();
  const second = useSecond();
  const before = useRef(Number.POSITIVE_INFINITY);
  useEffect(
    () =>
      second.subscribe((nowMs) => {
        const leftS = secondsLeft(hold.expires_at_ms, nowMs);
        const passed = Number.isFinite(before.current) ? milestone(before.current, leftS) : null;
        before.current = leftS;
        if (passed !== null) {
          viewer.voice.sayOwn(t("spoken.seconds_left", { seconds: passed, title: viewer.titleOf(hold) }));
        }
      }),
    [hold.expires_at_ms],
  );
  return null;
}

/** Paying (for show, in a demonstration room) and giving back; both only once what stands there has `settled`. */
export function HoldActions({ hold, settled = true }: { hold: Holding; settled?: boolean }) {
  const viewer = useViewer();
  const { live, purchases } = viewer;
  const doing = purchases.doing(hold.id);
  const promised = viewer.promised(hold);
  const title = viewer.titleOf(hold);
  const ready = doing === null && settled;
  const act = (action: (hold: Holding) => Promise<void>) => () => {
    if (ready) void action.call(purchases, hold);
  };
  return (
    <>
      {live.demonstration.value && (
        <button type="button" class="pay" aria-disabled={!ready} onClick={act(purchases.pay)}>
          {doing === "paying"
            ? t("hold.paying")
            : t("hold.pay", { price: promised === null ? "" : asked(promised, hold.qty) })}{" "}
          <span class="demo-mark">{t("hold.demo")}</span>
          <span class="visually-hidden"> {t("hold.pay_for", { title })}</span>
        </button>
      )}
      <button
        type="button"
        class="give-back"
        aria-disabled={!ready || hold.state === "payment_pending"}
        onClick={hold.state === "payment_pending" ? undefined : act(purchases.giveBack)}
      >
        {t(doing === "giving_back" ? "hold.giving_back" : hold.offered ? "turn.decline" : "hold.give_back")}
        <span class="visually-hidden">: {title}</span>
      </button>
    </>
  );
}
