/** What calls for somebody: the sound, the tab's title, a notification, and what was missed meanwhile. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { Chime } from "../../../shared/chime";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { keepText, recallText } from "../../browserMemory";
import type { Console } from "../../console";
import { Alarm, asks, type Missed } from "./alarm";
import { alertText } from "./alertwords";
import type { Voice } from "./voice";

/** Somebody wants sound in this browser. */
const SOUND_KEY = "shelfcast.console.sound";
/** One that was put aside rings when that is over, at the latest so much later, in ms. */
const LOOKED_AGAIN_MS = 15_000;
const WEIGHT = 2;

/** How many alerts of the pool that is open need somebody: before the page's title. */
const calling = signal(0);

/** The title of the page's tab. */
export function titled(title: string): string {
  return calling.value > 0 ? `(${count(calling.value)}) ${title}` : title;
}

export class Attention {
  readonly #armed = signal(false);
  readonly #missed = signal<readonly Missed[]>([]);
  /** Whether it rings. */
  readonly armed: ReadonlySignal<boolean> = this.#armed;
  readonly missed: ReadonlySignal<readonly Missed[]> = this.#missed;
  readonly calling: ReadonlySignal<number> = calling;
  readonly #chime = new Chime();
  readonly #alarm = new Alarm();
  readonly #stop = new AbortController();
  readonly #ends: (() => void)[];

  constructor(
    private readonly it: Console,
    private readonly voice: Voice,
  ) {
    const { signal } = this.#stop;
    document.addEventListener("visibilitychange", () => this.#looked(), { signal });
    if (recallText(SOUND_KEY) === "on") this.#armByAnyPress();
    if (document.hidden) this.#looked();
    const timer = setInterval(() => this.#hear(), LOOKED_AGAIN_MS);
    this.#ends = [effect(() => this.#hear()), () => clearInterval(timer)];
  }

  /** A press: from now on it rings, or not any more. */
  toggle(): void {
    if (this.#armed.peek()) {
      this.#armed.value = false;
      keepText(SOUND_KEY, "off");
      return;
    }
    this.#arm();
    keepText(SOUND_KEY, "on");
    // So that one hears what it sounds like, and that it does.
    this.#chime.ring();
    if ("Notification" in globalThis && Notification.permission === "default") {
      void Notification.requestPermission().catch(() => {});
    }
  }

  /** It has been read. */
  forgetMissed(): void {
    this.#missed.value = [];
  }

  dispose(): void {
    this.#stop.abort();
    for (const end of this.#ends) end();
    this.#chime.dispose();
    calling.value = 0;
  }

  #arm(): void {
    this.#chime.allow();
    this.#armed.value = true;
  }

  /** A browser lets a page that was loaded anew make a sound after a press only, whichever it is. */
  #armByAnyPress(): void {
    const options = { signal: this.#stop.signal, once: true };
    const arm = () => {
      if (recallText(SOUND_KEY) === "on") this.#arm();
    };
    addEventListener("pointerdown", arm, options);
    addEventListener("keydown", arm, options);
  }

  #hear(): void {
    const alerts = this.it.live.alerts.value;
    if (!this.it.live.connection.value.current) return;
    const nowMs = this.it.live.pool.serverNowMs();
    calling.value = alerts.filter((alert) => asks(alert, nowMs)).length;
    const ringing = this.#alarm.hear(alerts, nowMs);
    if (ringing.length === 0) return;
    if (this.#armed.peek()) this.#chime.ring();
    for (const alert of ringing) {
      const what = alertText(alert, (sku) => this.it.titleOf(sku));
      this.voice.say(t("attention.rang", { what }), WEIGHT);
      notify(alert.id, what);
    }
  }

  #looked(): void {
    if (document.hidden) {
      this.#alarm.leave();
      return;
    }
    const missed = this.#alarm.come();
    if (missed.length > 0) this.#missed.value = missed;
  }
}

/** Where nobody looks at the page and notifications are allowed. */
function notify(tag: string, body: string): void {
  if (!document.hidden || !("Notification" in globalThis) || Notification.permission !== "granted") return;
  try {
    new Notification(t("shell.title"), { body, tag });
  } catch {
    // A phone's browser has none of this kind; the sound and the title tell it, too.
  }
}
