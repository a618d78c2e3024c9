/** The sound that says that it is the viewer's turn: two tones, made here. */

/** The tones: their pitch in Hz, when they begin and how long they last, in s. */
const TONES = [
  { hz: 880, atS: 0, forS: 0.18 },
  { hz: 1174.7, atS: 0.16, forS: 0.34 },
] as const;
/** Of 1; a stream may be playing beside it. */
const LOUDNESS = 0.2;
/** Where a tone begins and ends: an exponential cannot come from 0. */
const SILENCE = 0.0001;
const RISE_S = 0.015;

/**
 * Browsers let a page make a sound after a gesture only, and some of them only where the sound's context was made in one:
 * call `allow` from a press. Where no sound is allowed none is made, and nothing is said of it.
 */
export class Chime {
  #context: AudioContext | null = null;

  /** A press: from now on there may be sound. */
  allow(): void {
    const context = this.#open();
    if (context?.state === "suspended") void context.resume().catch(() => {});
  }

  ring(): void {
    // A page that nobody has touched since it was loaded may not: asking for it would only fill the log.
    if (this.#context === null && navigator.userActivation?.hasBeenActive !== true) return;
    const context = this.#open();
    if (context === null) return;
    const playIfRunning = () => {
      if (context.state === "running") play(context);
    };
    // It may be suspended with the device's sleep: a sound that came later would say what is not true any more.
    const running = context.state === "running" ? Promise.resolve() : Promise.race([context.resume(), giveUp()]);
    void running.then(playIfRunning, () => {});
  }

  dispose(): void {
    void this.#context?.close().catch(() => {});
    this.#context = null;
  }

  #open(): AudioContext | null {
    if (this.#context === null && "AudioContext" in globalThis) {
      try {
        this.#context = new AudioContext();
      } catch {
        // No output, or too many contexts: the turn is seen and told all the same.
      }
    }
    return this.#context;
  }
}

const RESUMED_WITHIN_MS = 1_000;

function giveUp(): Promise<never> {
  return new Promise((_, reject) => setTimeout(reject, RESUMED_WITHIN_MS));
}

function play(context: AudioContext): void {
  for (const { hz, atS, forS } of TONES) {
    const begin = context.currentTime + atS;
    const tone = new OscillatorNode(context, { type: "sine", frequency: hz });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(SILENCE, begin);
    volume.gain.exponentialRampToValueAtTime(LOUDNESS, begin + RISE_S);
    volume.gain.exponentialRampToValueAtTime(SILENCE, begin + forS);
    tone.connect(volume).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + forS);
  }
}
