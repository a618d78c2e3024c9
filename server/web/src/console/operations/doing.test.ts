import { describe, expect, it } from "vitest";
import type { Answer } from "../api/client";
import { Doing } from "./doing";
import type { Operation } from "./operation";
import { onceEach } from "./press";

/** One that answers when it is told to; each drawing of a page makes another. */
function slow(done = "50 more are on sale.") {
  let answer: (answer: Answer<unknown>) => void = () => {};
  const keys: string[] = [];
  const operation = (): Operation => ({
    label: "Put on sale",
    says: () => "",
    hindered: () => "",
    done,
    run: (key) => {
      keys.push(key);
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
  });
  return { operation, keys, answer: () => answer({ ok: true, value: null, action: "a-1", etag: "" }) };
}

describe("an operation", () => {
  it("is sent once, also where the page has been drawn anew between two presses", async () => {
    const doing = new Doing();
    const { operation, keys, answer } = slow();
    const first = doing.perform(operation());
    expect(doing.isBusy(operation())).toBe(true);
    expect(await doing.perform(operation())).toBeNull();
    answer();
    await first;
    expect([keys.length, doing.isBusy(operation()), doing.said.value.length]).toEqual([1, false, 1]);
    void doing.perform(operation());
    expect(new Set(keys).size).toBe(2);
  });

  it("does not wait for another", () => {
    const doing = new Doing();
    const [put, thrown] = [slow(), slow("another")];
    void doing.perform(put.operation());
    void doing.perform(thrown.operation());
    expect(thrown.keys.length).toBe(1);
  });
});

describe("a press", () => {
  it("of a double click counts once, and a key that is held down not again", () => {
    let presses = 0;
    let prevented = 0;
    const { onClick, onKeyDown } = onceEach(() => {
      presses += 1;
    });
    for (const detail of [1, 2, 3, 0]) onClick({ detail });
    expect(presses).toBe(2);
    const key = (key: string, repeat: boolean) => onKeyDown({ key, repeat, preventDefault: () => (prevented += 1) });
    for (const repeat of [false, true]) for (const each of ["Enter", " ", "Tab"]) key(each, repeat);
    expect(prevented).toBe(2);
  });
});
