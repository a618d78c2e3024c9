/** What the parts of the viewer page share: the room, the viewer's purchases, the stage, the voice. */

import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { Banner, Holding, RoomStatus } from "@shelfcast/client";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Access } from "../../shared/access";
import { asked } from "../../shared/asked";
import { Chime } from "../../shared/chime";
import { t } from "../../shared/i18n";
import type { Live, Notice } from "../../shared/live";
import { bannerText } from "./banners";
import { secondsLeft } from "./countdown";
import { Moments } from "./moments";
import { Notes } from "./notes";
import { mostOf, mostToWait, type Offer, offerOf, type Reach } from "./offer";
import { Purchases, type Told } from "./purchases";
import { purchaseSentence } from "./purchasewords";
import { reachOf, WAITS_MS } from "./reach";
import type { Promised, Wish } from "./receipts";
import { offAir, type Sale, saleOf } from "./sale";
import { stable } from "./stable";
import { Stage } from "./stage";
import type { Saying } from "./verdicts";
import { Voice } from "./voice";
import { Waits } from "./waits";
import type { WaitNews } from "./waitstore";
import { waitSentence } from "./waitwords";

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
  readonly waits: Waits;
  /** What the waitlist gave and what is not bought or given back yet: the next to run out comes first. */
  readonly turns: ReadonlySignal<readonly Holding[]>;
  readonly chime = new Chime();
  readonly stage: Stage;
  readonly voice = new Voice();
  /** When the show was last seen to begin, pause, go on or end, by the server's clock; null for before this page. */
  readonly turnedAtMs = signal<number | null>(null);
  readonly #notes: Notes;
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
    this.#notes = new Notes((sku) => ({
      offer: this.offer(sku).value,
      available: live.sku(sku).value?.available ?? 0,
    }));
    // An end that one of them asks for is no answer to a wish of the other.
    const page = { room, token: access.current, notes: this.#notes, asked: new Set<string>(), storage };
    this.purchases = new Purchases(live, { ...page, tell: (told) => this.#tell(told) });
    this.waits = new Waits(live, {
      ...page,
      tell: (told) => this.voice.sayOwn(waitSentence(told, this.titleOf(told.wish))),
    });
    this.turns = computed(() => sooner(live.reservations.value.filter(({ offered }) => offered)));
    this.stage = new Stage(live.spotlight, {
      isListed: (sku) => this.terms(sku).value !== null,
      isAwaited: (sku) => this.purchases.pending(sku).length > 0 || this.waits.isAsking(sku),
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
    return promised ?? this.purchases.promised(id) ?? this.waits.promised(id) ?? this.terms(sku).value;
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
        const { sku: _, available: _free, held: _held, level: _level, waiting: _waiting, ...terms } = view.value;
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
          waitlist: this.live.waitlist.value,
          lack: this.purchases.lastWords.lack(sku, view.value),
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

  /** The most units one press may ask for, or wait for where there is nothing else to do. */
  most(sku: string): number {
    const view = this.live.sku(sku).value;
    if (view === undefined) return 1;
    const of = this.offer(sku).value?.kind === "wait" ? mostToWait : mostOf;
    return Math.max(1, Math.min(of(view, this.purchases.units(sku)), this.purchases.lastWords.left(sku)));
  }

  /** What there is to say about the viewer's own wish for a SKU. */
  note(sku: string): ReadonlySignal<Saying | null> {
    return this.#notes.of(sku);
  }

  /** Take a place on the list. To be called from a press: it lets the browser play a sound when the turn comes. */
  wait(sku: string, qty: number): void {
    this.chime.allow();
    void this.waits.wait(sku, qty);
  }

  /** Once more what was missed: wait for it, or take what is free by now. Also from a press. */
  tryAgain({ sku, qty, id }: WaitNews): void {
    const most = Math.min(qty, this.most(sku));
    if (this.offer(sku).peek()?.kind === "wait") {
      this.wait(sku, most);
    } else {
      this.waits.dismiss(id);
      void this.purchases.reserve(sku, most);
    }
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
    this.stage.dispose();
    this.purchases.dispose();
    this.waits.dispose();
    this.#notes.dispose();
    this.chime.dispose();
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

  #tell(told: Told): void {
    const { kind, wish, expiresAtMs, asked: waitedFor } = told;
    const leftS = secondsLeft(expiresAtMs ?? 0, this.live.room.serverNowMs());
    const sentence = purchaseSentence(told, this.titleOf(wish), Math.min(leftS, this.purchases.lengths.of(wish.id)));
    if (kind === "turn") {
      this.chime.ring();
      this.voice.sayAtOnce(sentence);
      return;
    }
    if (kind === "expired" && waitedFor !== null) this.waits.lapsed(wish);
    if (sentence !== "") this.voice.sayOwn(sentence);
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

/** The next to run out comes first. */
export function sooner(holds: readonly Holding[]): readonly Holding[] {
  return [...holds].sort((one, other) => one.expires_at_ms - other.expires_at_ms);
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
