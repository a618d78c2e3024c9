/** Searches of the ledger, and the story that is open: what was found, and how far was looked. */

import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { Answer } from "../api/client";
import type { LedgerEntry, LedgerPage, Problem, ReservationStory } from "../api/schema";
import { EMPTY, type Form, type Query, queryOf } from "./query";

/** Entries that one look is to find. */
export const PAGE = 50;
/** Requests of one look: where nothing that fits is near, it stops and says how far it came. */
export const LOOKS_MAX = 10;

/** Why the last look came to nothing; `status` 0 is no answer. */
export interface Fault {
  readonly status: number;
  readonly problem: Partial<Problem>;
}

export interface Found {
  readonly entries: readonly LedgerEntry[];
  /** Where to go on; null where nothing older is left. */
  readonly next: number | null;
  /** Older ones are in the archive alone. */
  readonly isArchived: boolean;
}

export interface Ask {
  readonly search: (query: Query) => Promise<Answer<LedgerPage>>;
  readonly story: (id: string, query: { near?: number; after?: number }) => Promise<Answer<ReservationStory>>;
}

export class Searching {
  /** As it is typed; it stays while another view is shown. */
  readonly form = signal<Form>(EMPTY);
  readonly #found = signal<Found | null>(null);
  readonly #busy = signal(false);
  readonly #fault = signal<Fault | null>(null);
  readonly #story = signal<ReservationStory | null>(null);
  readonly #storyFault = signal<Fault | null>(null);
  readonly #open = signal("");
  /** What was found so far; null before the first search. */
  readonly found: ReadonlySignal<Found | null> = this.#found;
  readonly busy: ReadonlySignal<boolean> = this.#busy;
  readonly fault: ReadonlySignal<Fault | null> = this.#fault;
  /** The story that is open, as far as it is known; null while nothing is. */
  readonly story: ReadonlySignal<ReservationStory | null> = this.#story;
  readonly storyFault: ReadonlySignal<Fault | null> = this.#storyFault;
  /** The id of the reservation whose story is open; "" where none is. */
  readonly open: ReadonlySignal<string> = this.#open;
  #query: Query = {};
  #n = 0;
  #storyN = 0;

  constructor(private readonly ask: Ask) {}

  /** Look for what the form says, from the newest entry back. */
  async search(): Promise<void> {
    this.#query = queryOf(this.form.peek());
    this.#found.value = null;
    await this.#look(null);
  }

  /** Look further back. */
  async more(): Promise<void> {
    const next = this.#found.peek()?.next ?? null;
    if (next !== null && !this.#busy.peek()) await this.#look(next);
  }

  async #look(from: number | null): Promise<void> {
    this.#n += 1;
    const n = this.#n;
    this.#busy.value = true;
    this.#fault.value = null;
    let before = from;
    let found = 0;
    for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
      const query = { ...this.#query, limit: PAGE - found, ...(before === null ? {} : { before }) };
      const answer = await this.ask.search(query);
      if (n !== this.#n) return; // another search has begun
      if (!answer.ok) {
        this.#fault.value = answer;
        break;
      }
      const { entries, next, archived_through } = answer.value;
      const known = this.#found.peek()?.entries ?? [];
      this.#found.value = {
        entries: [...known, ...entries],
        next,
        isArchived: archived_through !== null,
      };
      found += entries.length;
      before = next;
      if (next === null || found >= PAGE) break;
    }
    this.#busy.value = false;
  }

  /** Open the story of a reservation. `near` is the sequence of an entry of it, where one is shown. */
  async tell(id: string, near?: number): Promise<void> {
    this.#storyN += 1;
    const n = this.#storyN;
    batch(() => {
      this.#open.value = id;
      this.#story.value = null;
      this.#storyFault.value = null;
    });
    let query: { near?: number; after?: number } = near === undefined ? {} : { near };
    for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
      const answer = await this.ask.story(id, query);
      if (n !== this.#storyN) return;
      if (!answer.ok) {
        this.#storyFault.value = answer;
        return;
      }
      const steps = [...(this.#story.peek()?.steps ?? []), ...answer.value.steps];
      this.#story.value = { ...answer.value, steps };
      if (answer.value.next === null) return;
      query = { after: answer.value.next };
    }
  }

  close(): void {
    this.#storyN += 1;
    batch(() => {
      this.#open.value = "";
      this.#story.value = null;
      this.#storyFault.value = null;
    });
  }
}
