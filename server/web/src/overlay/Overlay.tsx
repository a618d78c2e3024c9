/** The picture that OBS lays over the stream: spotlit product, notice, viewers. */

import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { LiveBackstage } from "../shared/backstage";
import { useNow, useSecond } from "../shared/clock";
import { count } from "../shared/format";
import { t } from "../shared/i18n";
import { closedText } from "../shared/Stale";
import { whyText } from "../shared/why";
import { type Freshness, freshness, NOTICE_SHOWN_MS, stillShown } from "./freshness";
import { onOffer } from "./offer";
import { Product } from "./Product";
import type { Appearance, Part } from "./parameters";

/** Of a notice this share at least is in the picture where all of it is: edges may lie between two pixels. */
const WHOLE = 0.99;

interface Props {
  readonly live: LiveBackstage;
  /** Whether the address brought a token. */
  readonly hadToken: boolean;
  readonly appearance: Appearance;
}

export function Overlay({ live, hadToken, appearance }: Props) {
  const now = useNow();
  // Told apart by a computed value, so that the picture is made anew when it changes and not every second.
  const fresh = useComputed<Freshness>(() => freshness(live.connection.value, now.value));
  const sku = useComputed(() => (onOffer(live.status.value) ? live.spotlight.value : null));
  const shows = (part: Part) => appearance.show.has(part);
  const seen = fresh.value;
  // All of it stays for as long as counts are marked: a connection that is back in a moment moves nothing.
  const inPicture = seen === "live" || seen === "aged";
  return (
    <main class="stage">
      <div class="frame" data-position={appearance.position} data-picture={shows("picture") ? "" : undefined}>
        {seen === "none" && <Refusal live={live} hadToken={hadToken} />}
        {inPicture && shows("notice") && <Notice live={live} />}
        {inPicture && shows("viewers") && <Viewers live={live} aged={seen === "aged"} />}
        {inPicture && sku.value !== null && (
          <Product
            key={sku.value}
            live={live}
            sku={sku.value}
            aged={seen === "aged"}
            picture={shows("picture")}
            price={shows("price")}
            bar={shows("bar")}
            waiting={shows("waiting")}
          />
        )}
      </div>
    </main>
  );
}

function Notice({ live }: { live: LiveBackstage }) {
  const second = useSecond();
  const text = useComputed(() => {
    const notice = live.notice.value;
    return notice !== null && stillShown(notice.at_ms, second.value, NOTICE_SHOWN_MS) ? notice.text : "";
  });
  return text.value === "" ? null : <Strip key={text.value} text={text.value} />;
}

/** Left out where it does not fit: above the product of a low source a notice would be cut through its letters. */
function Strip({ text }: { text: string }) {
  const strip = useRef<HTMLDivElement>(null);
  const whole = useSignal(false);
  useEffect(() => {
    const at = strip.current;
    if (at === null) return;
    const observer = new IntersectionObserver(
      ([seen]) => {
        whole.value = seen !== undefined && seen.intersectionRatio >= WHOLE;
      },
      { threshold: WHOLE },
    );
    observer.observe(at);
    return () => observer.disconnect();
  }, [whole]);
  return (
    <div class="notice" ref={strip} data-whole={whole.value}>
      <p>{text}</p>
    </div>
  );
}

function Viewers({ live, aged }: { live: LiveBackstage; aged: boolean }) {
  return (
    <p class="viewers" data-aged={aged}>
      <span class="on-air" aria-hidden="true" />
      {t("watching", { viewers: count(live.viewers.value) })}
    </p>
  );
}

/**
 * Why nothing is shown, for who sets the source up. A page that has once been connected keeps silent: what ends later
 * ends on the stream.
 */
function Refusal({ live, hadToken }: { live: LiveBackstage; hadToken: boolean }) {
  const now = useNow();
  const connection = live.connection.value;
  const text = connection.error ? closedText(connection.error, hadToken) : whyText(connection, now.value);
  return text === "" ? null : <p class="refusal">{text}</p>;
}
