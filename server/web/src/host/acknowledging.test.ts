import { describe, expect, test, vi } from "vitest";
import { Acknowledging } from "./acknowledging";
import { DOUBLE_PRESS_MS } from "./stepper";

function asked(current = true) {
  const clock = { nowMs: 0 };
  const answers: ((outcome: { type: string }) => void)[] = [];
  const acknowledge = vi.fn((_cue: string) => new Promise<{ type: string }>((done) => answers.push(done)));
  const acknowledging = new Acknowledging(
    acknowledge,
    () => current,
    () => clock.nowMs,
  );
  return { acknowledging, acknowledge, answers, clock };
}

describe("acknowledging a cue", () => {
  test("asks once, however often the key is pressed before the answer", async () => {
    const { acknowledging, acknowledge, answers } = asked();
    const first = acknowledging.acknowledge("c1");
    await acknowledging.acknowledge("c1");
    answers[0]?.({ type: "done" });
    await first;
    expect(acknowledge).toHaveBeenCalledExactlyOnceWith("c1");
    expect([...acknowledging.failed.value]).toEqual([]);
  });

  test("by its key asks for the one that waits longest, and for none where none waits", async () => {
    const { acknowledging, acknowledge, answers } = asked();
    await acknowledging.acknowledgeOldest([]);
    expect(acknowledge).not.toHaveBeenCalled();
    const first = acknowledging.acknowledgeOldest([{ id: "c1" }, { id: "c2" }, { id: "c3" }]);
    answers[0]?.({ type: "done" });
    await first;
    expect(acknowledge).toHaveBeenCalledExactlyOnceWith("c1");
  });

  test.each(["refused", "unanswered"])("tells that it was %s, until it is pressed again", async (type) => {
    const { acknowledging, answers, clock } = asked();
    const first = acknowledging.acknowledge("c1");
    answers[0]?.({ type });
    await first;
    expect([...acknowledging.failed.value]).toEqual(["c1"]);
    clock.nowMs += DOUBLE_PRESS_MS;
    const again = acknowledging.acknowledge("c1");
    expect([...acknowledging.failed.value]).toEqual([]);
    answers[1]?.({ type: "done" });
    await again;
    expect([...acknowledging.failed.value]).toEqual([]);
  });

  test("fails without an exception in a room that was closed", async () => {
    const acknowledging = new Acknowledging(
      () => Promise.reject(new Error("closed")),
      () => true,
    );
    await acknowledging.acknowledge("c1");
    expect([...acknowledging.failed.value]).toEqual(["c1"]);
  });

  test("asks nothing while the counts are old", async () => {
    const { acknowledging, acknowledge } = asked(false);
    await acknowledging.acknowledge("c1");
    expect(acknowledge).not.toHaveBeenCalled();
  });

  test("remembers no failure of a cue that is gone", async () => {
    const { acknowledging, answers, clock } = asked();
    const pressed = [acknowledging.acknowledge("c1")];
    clock.nowMs += DOUBLE_PRESS_MS;
    pressed.push(acknowledging.acknowledge("c2"));
    for (const answer of answers) answer({ type: "unanswered" });
    await Promise.all(pressed);
    acknowledging.keep([{ id: "c2" }]);
    expect([...acknowledging.failed.value]).toEqual(["c2"]);
  });

  test("takes a double press for one, also where the second would meet the next cue", async () => {
    const { acknowledging, acknowledge, answers, clock } = asked();
    const first = acknowledging.acknowledge("c1");
    answers[0]?.({ type: "done" });
    await first;
    clock.nowMs += DOUBLE_PRESS_MS - 1;
    await acknowledging.acknowledge("c2");
    expect(acknowledge).toHaveBeenCalledExactlyOnceWith("c1");
    clock.nowMs += 1;
    void acknowledging.acknowledge("c2");
    expect(acknowledge).toHaveBeenLastCalledWith("c2");
  });

  test("passes over a press on a cue that has just moved up, whoever took the one before it", () => {
    const { acknowledging, acknowledge, clock } = asked();
    acknowledging.keep([{ id: "c1" }, { id: "c2" }, { id: "c3" }]);
    clock.nowMs += 10_000;
    acknowledging.keep([{ id: "c1" }, { id: "c3" }]);
    void acknowledging.acknowledge("c3");
    expect(acknowledge).not.toHaveBeenCalled();
    void acknowledging.acknowledge("c1");
    expect(acknowledge).toHaveBeenCalledExactlyOnceWith("c1");
    clock.nowMs += DOUBLE_PRESS_MS;
    acknowledging.keep([{ id: "c1" }, { id: "c3" }, { id: "c4" }]);
    void acknowledging.acknowledge("c3");
    expect(acknowledge).toHaveBeenLastCalledWith("c3");
  });

  test("takes a press on a cue that has just come", () => {
    const { acknowledging, acknowledge } = asked();
    acknowledging.keep([{ id: "c1" }]);
    void acknowledging.acknowledge("c1");
    expect(acknowledge).toHaveBeenCalledExactlyOnceWith("c1");
  });
});
