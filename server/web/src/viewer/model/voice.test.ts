import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Voice } from "./voice";

/** What is heard of the viewer's own sentences: every text that stands for some time. */
function listened() {
  const voice = new Voice();
  const heard: string[] = [];
  voice.own.subscribe((sentence) => sentence !== "" && heard.push(sentence));
  return { voice, heard };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the viewer's own sentences", () => {
  test("are said at once", () => {
    const { voice, heard } = listened();
    voice.sayOwn("Held for you.");
    expect(heard).toEqual(["Held for you."]);
    voice.dispose();
  });

  test("that come close together are all heard, none over another", () => {
    const { voice, heard } = listened();
    voice.sayOwn("Your time ran out for the mug.");
    voice.sayOwn("Your time ran out for the bowl.");
    vi.advanceTimersByTime(160);
    voice.sayOwn("Connected again.");
    expect(voice.own.value).toBe("Your time ran out for the mug.");
    vi.advanceTimersByTime(5_000);
    expect(heard).toEqual(["Your time ran out for the mug.", "Your time ran out for the bowl. Connected again."]);
    voice.dispose();
  });

  test("keep the newest where too many come at once", () => {
    const { voice, heard } = listened();
    for (let n = 0; n < 50; n++) voice.sayOwn(`${n}.`);
    vi.advanceTimersByTime(5_000);
    expect(heard).toEqual(["0.", "45. 46. 47. 48. 49."]);
    voice.dispose();
  });
});
