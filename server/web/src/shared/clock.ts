/** The page's one timer: the server's time and the local one, ticking on the server's whole seconds. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const SECOND_MS = 1000;
/** Timers fire a little early in some browsers; that near to a second is that second. */
const EARLY_MS = 20;

type Clock = () => number;

let serverNow: Clock = Date.now;
const second = signal(wholeSecond(Date.now()));
const now = signal(performance.now());
let users = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Where the server's time comes from (`Room.serverNowMs`); before the first call it is this machine's clock. */
export function setServerClock(clock: Clock): void {
  serverNow = clock;
  tickNow();
}

/** The server's time in ms since 1970, now. */
export function serverNowMs(): number {
  return serverNow();
}

/** Set both clocks at once: when more was learnt of the server's time, or the page is shown again. */
export function tickNow(): void {
  second.value = wholeSecond(serverNow());
  now.value = performance.now();
  if (users > 0) schedule();
}

/** The server's time in ms since 1970, on whole seconds. */
export function useSecond(): ReadonlySignal<number> {
  useTicking();
  return second;
}

/** `performance.now()` as of the last tick, for ages. */
export function useNow(): ReadonlySignal<number> {
  useTicking();
  return now;
}

/** Milliseconds from `nowMs` to the next whole second. */
export function untilNextSecond(nowMs: number): number {
  return wholeSecond(nowMs) + SECOND_MS - nowMs;
}

function wholeSecond(nowMs: number): number {
  return Math.floor((nowMs + EARLY_MS) / SECOND_MS) * SECOND_MS;
}

function useTicking(): void {
  useEffect(() => {
    users += 1;
    if (users === 1) start();
    return () => {
      users -= 1;
      if (users === 0) stop();
    };
  }, []);
}

function start(): void {
  document.addEventListener("visibilitychange", onVisible);
  tickNow();
}

function stop(): void {
  document.removeEventListener("visibilitychange", onVisible);
  clearTimeout(timer);
}

function onVisible(): void {
  // A hidden page's timers are slowed down to one a minute.
  if (!document.hidden) tickNow();
}

function schedule(): void {
  clearTimeout(timer);
  timer = setTimeout(tickNow, untilNextSecond(serverNow()));
}
