/** The product that the host shows, large. */

import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { asked } from "../shared/asked";
import { t } from "../shared/i18n";
import { Link } from "../shared/Link";
import { Tile } from "../shared/Tile";
import { Availability } from "./Availability";
import { isStillNews, MOMENT_MS, momentOf, ribbonOf } from "./model/banners";
import { useKeptFocus } from "./model/focus";
import { offAir } from "./model/sale";
import { useViewer } from "./model/viewer";
import { Purchase } from "./Purchase";
import { Unfold, useCut } from "./Unfold";
import "./stage.css";

export function StageView() {
  const viewer = useViewer();
  const sku = viewer.stage.shown.value;
  const terms = sku === null ? null : viewer.terms(sku).value;
  const shows = sku !== null && terms !== null;
  const kept = viewer.live.spotlight.value !== sku;
  const elsewhere = viewer.stage.elsewhere.value;
  const section = useRef<HTMLElement>(null);
  const movedOn = useRef<HTMLParagraphElement>(null);
  const find = (name: string) => section.current?.querySelector<HTMLElement>(name) ?? null;
  // The button to the host's product goes when that is here.
  useKeptFocus(movedOn, () => find(".stage-title") ?? find(".stage-heading"));
  const place = kept ? "kept" : (offAir(viewer.live.status.value) ?? "live");
  return (
    <section class="stage" aria-labelledby="stage-heading" ref={section}>
      <div class="stage-top">
        <h2 class="stage-heading" id="stage-heading" tabIndex={-1}>
          {t(shows ? `stage.heading.${place}` : "stage.heading")}
        </h2>
        {shows && <Link link={terms.link} />}
        <p class="moved-on" ref={movedOn}>
          {elsewhere !== null && <MovedOn sku={elsewhere} />}
        </p>
      </div>
      {shows ? <Product key={sku} sku={sku} /> : <Between />}
    </section>
  );
}

function Product({ sku }: { sku: string }) {
  const viewer = useViewer();
  const terms = viewer.terms(sku).value;
  if (terms === null) return null;
  return (
    <article class="stage-product" data-sku={sku} aria-labelledby="stage-title">
      <div class="stage-picture">
        <Tile sku={sku} title={terms.title} image={terms.image_url} />
        <Ribbon sku={sku} />
      </div>
      <div class="stage-about">
        <Title title={terms.title} price={asked(terms)} />
        <Availability sku={sku} large />
        <Controls sku={sku} />
      </div>
    </article>
  );
}

/** What the stage stays for while somebody is at it. */
function Controls({ sku }: { sku: string }) {
  const { stage } = useViewer();
  // What is taken out of the page says nothing of the pointer or the focus that was on it.
  useEffect(
    () => () => {
      stage.attend("pointer", false);
      stage.attend("keyboard", false);
    },
    [stage],
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it listens to what its controls are used for, and offers nothing itself
    <div
      class="stage-controls"
      onPointerEnter={(event) => event.pointerType === "mouse" && stage.attend("pointer", true)}
      onPointerLeave={() => stage.attend("pointer", false)}
      onPointerDown={() => stage.touch()}
      onKeyDown={() => stage.touch()}
      onFocusIn={(event) => stage.attend("keyboard", (event.target as Element).matches(":focus-visible"))}
      onFocusOut={() => stage.attend("keyboard", false)}
    >
      <Purchase sku={sku} mayPress={() => !stage.isTooSoon()} />
    </div>
  );
}

/**
 * What is too long for two lines is unfolded by a press, smaller. On a phone the picture makes room for it, so that the
 * shelf stays where it is.
 */
function Title({ title, price }: { title: string; price: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const folding = useCut(heading);
  return (
    <>
      <h3
        class="stage-title"
        id="stage-title"
        tabIndex={-1}
        data-open={folding.open.value ? "" : undefined}
        ref={heading}
      >
        {title}
      </h3>
      <div class="stage-price">
        <p class="price price-large">{price}</p>
        <Unfold {...folding} words="stage.title" />
      </div>
    </>
  );
}

/** "Last N left" over the picture, where it covers nothing and pushes nothing. */
function Ribbon({ sku }: { sku: string }) {
  const viewer = useViewer();
  const { live } = viewer;
  const view = live.sku(sku);
  const sale = viewer.sale(sku);
  const news = useSignal<string | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    // What was said before this product came here is old.
    const before = live.banners.peek();
    const stop = live.banners.subscribe((banner) => {
      const text = banner !== null && banner !== before && banner.sku === sku ? momentOf(banner) : null;
      if (text === null) return;
      clearTimeout(timer);
      news.value = text;
      timer = setTimeout(() => {
        news.value = null;
      }, MOMENT_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);
  const state = useComputed(
    () => view.value && ribbonOf(view.value.level, view.value.available, sale.value, view.value.next_batch_at_ms),
  );
  const fresh = useComputed(() => (isStillNews(view.value?.level, sale.value) ? news.value : null));
  const text = useComputed(() => fresh.value ?? state.value ?? "");
  const kind = useComputed(() => (fresh.value !== null ? "news" : state.value ? view.value?.level : undefined));
  return (
    <p class="ribbon" data-kind={kind}>
      {text}
    </p>
  );
}

/** The host is elsewhere already, while the viewer is busy here. Its space is always there. */
function MovedOn({ sku }: { sku: string }) {
  const viewer = useViewer();
  return (
    <>
      <span class="moved-on-text">{t("stage.stays", { title: viewer.title(sku) })}</span>{" "}
      <button type="button" class="plain plain-small" onClick={() => viewer.stage.follow()}>
        {t("stage.follow")}
      </button>
    </>
  );
}

function Between() {
  const { live } = useViewer();
  return (
    <div class="stage-product stage-between">
      <p class="between">{t(`stage.none.${offAir(live.status.value) ?? "live"}`)}</p>
      <p class="between-hint">{t("stage.none_hint")}</p>
    </div>
  );
}
