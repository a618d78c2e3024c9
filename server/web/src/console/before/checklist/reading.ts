/** The checklist of the room as it is now: read where it is shown, and again when somebody changes something. */

import { effect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { answerOf } from "../../api/client";
import type { Checklist } from "../../api/schema";
import { type Console, useConsole } from "../../console";
import { Kept } from "../../live/kept";

/** Items of one answer: as many as the server gives. The gravest come first, so what passes is left out before the rest. */
const LISTED_MAX = 2_000;
/** Items that pass, of one answer: their checks say how many there are. */
const PASSED_MAX = 300;
/** What many do in a short time makes it be checked once in this time, in ms: 2,000 SKUs are some work for the server. */
const CHECKED_EVERY_MS = 2_000;

export class Reading {
  /** What stands against the room's going on air, the gravest first. */
  readonly open: Kept<Checklist>;
  /** What passes: read where somebody looks at it. */
  readonly passed: Kept<Checklist>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly it: Console) {
    const path = { room: it.room };
    const read = (query: { level?: "pass"; limit: number }) =>
      answerOf(it.api.GET("/v1/rooms/{room}/checklist", { params: { path, query } }));
    this.open = new Kept(() => read({ limit: LISTED_MAX }));
    this.passed = new Kept(() => read({ level: "pass", limit: PASSED_MAX }));
  }

  /** Check again now. */
  async now(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await Promise.all([this.open.now(), this.passed.wanted ? this.passed.now() : undefined]);
  }

  /** Keep it up to date from now on. Returns what ends that. */
  follow(): () => void {
    void this.now();
    const { live } = this.it;
    const ends = [
      live.onEvent(() => this.#soon()),
      effect(() => {
        if (live.connection.value.current) this.#soon();
      }),
    ];
    return () => {
      for (const end of ends) end();
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.open.close();
      this.passed.close();
    };
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => void this.now(), CHECKED_EVERY_MS);
  }
}

const KEPT = new WeakMap<Console, Reading>();

/** The reading of the room that is shown: what it said last is there at once when one comes back to it. */
export function useReading(): Reading {
  const it = useConsole();
  const reading = useMemo(() => {
    const found = KEPT.get(it) ?? new Reading(it);
    KEPT.set(it, found);
    return found;
  }, [it]);
  useEffect(() => reading.follow(), [reading]);
  return reading;
}
