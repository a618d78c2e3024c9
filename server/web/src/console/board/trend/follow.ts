/** Reads the minutes of the room's show: the last hour at first, then each minute when it is over. */

import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import { answerOf } from "../../api/client";
import type { Room, Series } from "../../api/schema";
import type { Console } from "../../console";
import { KEPT, MINUTE_MS, Minutes } from "./minutes";

/** The duty writes a minute within this time of its end, in ms. */
const WRITTEN_MS = 3_000;
const AGAIN_MS = 5_000;
/** An hour lies on two pages; a clock that is off a little may make it three. */
const PAGES_MAX = 3;

export class Trend {
  readonly #revision = signal(0);
  /** Another number whenever there is more to show. */
  readonly revision: ReadonlySignal<number> = this.#revision;
  #minutes = new Minutes();
  #show = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #end: () => void;

  constructor(
    private readonly it: Console,
    room: ReadonlySignal<Room | null>,
  ) {
    this.#end = effect(() => {
      const number = room.value?.show ?? 0;
      const show = number > 0 ? `${it.room}.${number}` : "";
      untracked(() => this.#follow(show));
    });
  }

  get minutes(): Minutes {
    return this.#minutes;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#end();
    this.#show = "";
  }

  #follow(show: string): void {
    if (show === this.#show) return;
    this.#show = show;
    this.#minutes = new Minutes();
    this.#revision.value += 1;
    clearTimeout(this.#timer);
    if (show !== "") void this.#read(show);
  }

  async #read(show: string): Promise<void> {
    const nowMs = this.it.stage?.room.serverNowMs() ?? Date.now();
    // The last that is known may have been read before it was over.
    let fromMs: number | null = this.#minutes.lastMs || nowMs - (KEPT + 1) * MINUTE_MS;
    let isRead = true;
    for (let page = 0; page < PAGES_MAX && fromMs !== null; page += 1) {
      const answer = await this.#page(show, fromMs);
      if (show !== this.#show) return;
      isRead = answer.ok;
      if (!answer.ok) break;
      this.#minutes.take(answer.value as Series);
      fromMs = answer.value.next_from_ms;
    }
    this.#revision.value += 1;
    const untilMinuteMs = MINUTE_MS - (nowMs % MINUTE_MS) + WRITTEN_MS;
    this.#timer = setTimeout(() => void this.#read(show), isRead ? untilMinuteMs : AGAIN_MS);
  }

  #page(show: string, fromMs: number) {
    const since = Math.floor(fromMs);
    // An hour of 2,000 SKUs is some megabytes: after the first time what is new is asked for.
    const params = { path: { show }, query: { from_ms: since, since_ms: since } };
    return answerOf(this.it.api.GET("/v1/shows/{show}/series", { params }));
  }
}
