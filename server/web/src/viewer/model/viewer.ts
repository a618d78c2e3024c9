/** What the parts of the viewer page share: the room, the viewer's purchases, the stage, the voice. */

import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { Banner, RoomStatus } from "@shelfcast/client";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Access } from "../../shared/access";
import { asked } from "../../shared/asked";
import { clockTime } from "../../shared/format";
import { t } from "../../shared/i18n";
import type { Live, Notice } from "../../shared/live";
import { bannerText } from "./banners";
import { secondsLeft } from "./countdown";
import { Moments } from "./moments";
import { mostOf, type Offer, offerOf, type Reach } from "./offer";
import { Purchases, type Told } from "./purchases";
import { reachOf, WAITS_MS } from "./reach";
import type { Promised, Wish } from "./receipts";
import { offAir, type Sale, saleOf } from "./sale";
import { stable } from "./stable";
import { Stage } from "./stage";
import { Voice } from "./voice";

/** A connection that is back this soon was not worth a word, in ms. */
const UNSPOKEN_GAP_MS = 3_000;

/** The terms of a SKU, which change seldom, apart from its counts, which change all the time. */
export interface Terms {
  title: string;
  price_minor: number;
  currency: string;
  limit_per_user: number | null;
  opens_at_ms: number | null;
  closes_at_ms: number | null;
  link: number | null;
  image_url: string | null;
  next_batch_at_ms: number | null;
}

export class Viewer {
  readonly reach: ReadonlySignal<Reach>;
  /** Whether this page speaks for somebody who may hold units. */
  readonly known: ReadonlySignal<boolean>;
  readonly purchases: Purchases;
  readonly stage: Stage;
  readonly voice = new Voice();
  /** When the show was last seen to begin, pause, go on or end, by the server's clock; null for before this page. */
  readonly turnedAtMs = signal<number | null>(null);
  readonly #moments: Moments;
  /** When counts were last found to be too old to act on. */
  readonly #aged = signal(0);
  readonly #offers = new Map<string, ReadonlySignal<Offer | null>>();
  readonly #sales = new Map<string, ReadonlySignal<Sale>>();
  readonly #terms = new Map<string, ReadonlySignal<Terms | null>>();
  readonly #stops: (() => void)[];

  constructor(
    readonly live: Live,
    readonly room: string,
    access: Access,
    storage: Storage | null,
  ) {
    this.#moments = new Moments(() => live.room.serverNowMs());
    this.reach = computed(() => reachOf(live.connection.value, Math.max(this.#aged.value, performance.now())));
    this.known = computed(() => live.demonstration.value || access.kind.value !== "anonymous");
    this.purchases = new Purchases(live, {
      room,
      token: access.current,
      tell: (told) => this.#tell(told),
      standing: (sku) => ({ offer: this.offer(sku).value, available: live.sku(sku).value?.available ?? 0 }),
      storage,
    });
    this.stage = new Stage(live.spotlight, {
      isListed: (sku) => this.terms(sku).value !== null,
      isAwaited: (sku) => this.purchases.pending(sku).length > 0,
    });
    this.#stops = [
      effect(() => this.#sayBanner(live.banners.value)),
      effect(() => this.#saySpotlight(this.stage.shown.value)),
      this.#sayMovedOn(),
      this.#sayShow(),
      this.#sayConnection(),
      this.#watchAge(),
    ];
  }

  /** The title of a SKU; its own name where the shelf does not have it any more. */
  title(sku: string): string {
    return this.terms(sku).value?.title ?? sku;
  }

  /** What was promised of a reservation when it was made, else what the shelf says of its product now. */
  promised({ id, sku, promised }: Pick<Wish, "id" | "sku" | "promised">): Promised | null {
    return promised ?? this.purchases.promised(id) ?? this.terms(sku).value;
  }

  /** The title that a product had when it was reserved. */
  titleOf(wish: Pick<Wish, "id" | "sku" | "promised">): string {
    return this.promised(wish)?.title ?? wish.sku;
  }

  terms(sku: string): ReadonlySignal<Terms | null> {
    return entry(this.#terms, sku, () => {
      const view = this.live.sku(sku);
      return stable(() => {
        if (view.value === undefined) return null;
        const { sku: _, available: _free, held: _held, level: _level, ...terms } = view.value;
        return terms;
      });
    });
  }

  /** What can be done with a SKU now; changes with its counts only where they change that. */
  offer(sku: string): ReadonlySignal<Offer | null> {
    return entry(this.#offers, sku, () => {
      const view = this.live.sku(sku);
      return stable(() => {
        if (view.value === undefined) return null;
        return offerOf(view.value, {
          status: this.live.status.value,
          reach: this.reach.value,
          known: this.known.value,
          mine: this.purchases.units(sku),
          nowMs: this.#turn(view.value),
        });
      });
    });
  }

  /** Whether a SKU can be bought now, whoever asks. */
  sale(sku: string): ReadonlySignal<Sale> {
    return entry(this.#sales, sku, () => {
      const terms = this.terms(sku);
      return computed(() =>
        terms.value === null ? "over" : saleOf(terms.value, this.live.status.value, this.#turn(terms.value)),
      );
    });
  }

  /** The most units one press may ask for. */
  most(sku: string): number {
    const view = this.live.sku(sku).value;
    if (view === undefined) return 1;
    return Math.max(1, Math.min(mostOf(view, this.purchases.units(sku)), this.purchases.left(sku)));
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
    this.stage.dispose();
    this.purchases.dispose();
    this.voice.dispose();
    this.#moments.dispose();
    this.live.dispose();
  }

  /** The server's time, read again when the SKU's sale opens or closes. */
  #turn({ opens_at_ms, closes_at_ms }: { opens_at_ms: number | null; closes_at_ms: number | null }): number {
    const turns = [opens_at_ms, closes_at_ms].filter((at) => at !== null);
    const come = turns.filter((at) => this.#moments.reached(at).value);
    // At the turn itself the clock may stand a fraction before it: what has come has come.
    return turns.length > 0 ? Math.max(this.live.room.serverNowMs(), ...come) : 0;
  }

  #tell({ kind, wish, saying, expiresAtMs }: Told): void {
    const title = this.titleOf(wish);
    if (kind === "reserved") {
      const leftS = secondsLeft(expiresAtMs ?? 0, this.live.room.serverNowMs());
      const left = clockTime(Math.min(leftS, this.purchases.lengths.of(wish.id)) * 1000);
      this.voice.sayOwn(t("said.reserved", { title, left, count: wish.qty }));
    } else if (kind === "refused" && saying !== null) {
      this.voice.sayOwn(`${title}: ${t(saying.key, saying.values)}`);
    } else if (saying !== null) {
      this.voice.sayOwn(t(`said.${kind}`, { title, count: wish.qty }));
    }
  }

  #sayBanner(banner: Banner | null): void {
    untracked(() => {
      if (banner === null || banner.sku !== this.stage.shown.value) return;
      // Off the air nothing is "back" or "the last": it cannot be bought.
      if (offAir(this.live.status.value) !== null && banner.kind !== "sold_out") return;
      const text = bannerText(banner);
      if (text === null) return;
      this.voice.sayRoom(t("spoken.banner", { title: this.title(banner.sku), banner: text }), 2);
    });
  }

  #saySpotlight(sku: string | null): void {
    untracked(() => {
      const terms = sku === null ? null : this.terms(sku).value;
      if (terms === null) return;
      const stage = t(`stage.heading.${offAir(this.live.status.value) ?? "live"}`);
      const named = [terms.title, asked(terms)].filter((part) => part !== "").join(", ");
      this.voice.sayRoom(t("spoken.spotlight", { stage, named }), 1);
    });
  }

  /** The host is at another product than the stage; what is said tells the way to it. */
  #sayMovedOn(): () => void {
    let said = "";
    return effect(() => {
      const sku = this.stage.elsewhere.value;
      untracked(() => {
        this.voice.unsayRoom(said);
        if (sku === null) return;
        said = t("spoken.moved_on", { title: this.title(sku), follow: t("stage.follow") });
        this.voice.sayRoom(said, 1);
      });
    });
  }

  /** Says the host's words, and where the show is, as they change; what stands when the page is opened can be read. */
  #sayShow(): () => void {
    let before: { status: RoomStatus; notice: Notice | null } | null = null;
    return effect(() => {
      const next = { status: this.live.status.value, notice: this.live.notice.value };
      if (!this.live.connection.value.current) return;
      const last = before;
      before = next;
      if (last === null) return;
      untracked(() => {
        if (next.status !== last.status) this.turnedAtMs.value = this.live.room.serverNowMs();
        if (next.notice !== null && next.notice !== last.notice) {
          this.voice.sayRoom(t("spoken.notice", { text: next.notice.text }), 3);
        } else if (next.status !== last.status) {
          const off = offAir(next.status);
          this.voice.sayRoom(off === null ? t("spoken.live") : t(`strip.${off}`), 3);
        }
      });
    });
  }

  /** Says that the counts are old, and that they are not any more; not every blink of the network. */
  #sayConnection(): () => void {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    let saidLost = false;
    const say = (lost: boolean) => {
      saidLost = lost;
      const lostKey = this.live.connection.peek().blind ? "stale.blind_said" : "spoken.lost";
      untracked(() => this.voice.sayOwn(t(lost ? lostKey : "spoken.back")));
    };
    const stop = effect(() => {
      const { current, oldSinceMs } = this.live.connection.value;
      clearTimeout(waiting);
      if (current && saidLost) say(false);
      else if (!current && oldSinceMs !== null && !saidLost) waiting = setTimeout(say, UNSPOKEN_GAP_MS, true);
    });
    return () => {
      clearTimeout(waiting);
      stop();
    };
  }

  /** Looks again when counts have become too old to act on. */
  #watchAge(): () => void {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      this.#aged.value = performance.now();
    };
    const stop = effect(() => {
      const { current, oldSinceMs } = this.live.connection.value;
      clearTimeout(waiting);
      if (!current && oldSinceMs !== null) waiting = setTimeout(look, oldSinceMs + WAITS_MS - performance.now());
    });
    return () => {
      clearTimeout(waiting);
      stop();
    };
  }
}

function entry<Value>(entries: Map<string, Value>, key: string, make: () => Value): Value {
  const found = entries.get(key) ?? make();
  entries.set(key, found);
  return found;
}

export const ViewerContext = createContext<Viewer | null>(null);

/** The page's viewer. */
export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (viewer === null) throw new Error("outside of a ViewerContext");
  return viewer;
}
