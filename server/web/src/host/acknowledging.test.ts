import { describe, expect, test, vi } from "vitest";
import { Acknowledging } from "./acknowledging";

function asked(current = true) {
  const answers: ((outcome: { type: string }) => void)[] = [];
  const acknowledge = vi.fn((_cue: string) => new Promise<{ type: string }>((done) => answers.push(done)));
  return { acknowledging: new Acknowledging(acknowledge, () => current), acknowledge, answers };
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

  test.each(["refused", "unanswered"])("tells that it was %s, until it is pressed again", async (type) => {
    const { acknowledging, answers } = asked();
    const first = acknowledging.acknowledge("c1");
    answers[0]?.({ type });
    await first;
    expect([...acknowledging.failed.value]).toEqual(["c1"]);
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
    const { acknowledging, answers } = asked();
    const pressed = [acknowledging.acknowledge("c1"), acknowledging.acknowledge("c2")];
    for (const answer of answers) answer({ type: "unanswered" });
    await Promise.all(pressed);
    acknowledging.keep([{ id: "c2" }]);
    expect([...acknowledging.failed.value]).toEqual(["c2"]);
  });
});
