import { describe, expect, test, vi } from "vitest";
import { DOUBLE_PRESS_MS, Stepper } from "./stepper";

function asked() {
  const answers: ((outcome: { type: string; code?: string }) => void)[] = [];
  const spotlight = vi.fn((_sku: string) => new Promise<{ type: string; code?: string }>((done) => answers.push(done)));
  let nowMs = 0;
  const stepper = new Stepper(spotlight, () => nowMs);
  return { stepper, spotlight, answers, later: (ms: number) => (nowMs += ms) };
}

describe("a step", () => {
  test("is asked for, then done", async () => {
    const { stepper, spotlight, answers } = asked();
    expect(stepper.go("TEA-001")).toBe(true);
    expect(stepper.state.value).toEqual({ kind: "asking", sku: "TEA-001" });
    answers[0]?.({ type: "done" });
    await vi.waitFor(() => expect(stepper.state.value).toEqual({ kind: "done", sku: "TEA-001" }));
    expect(spotlight).toHaveBeenCalledExactlyOnceWith("TEA-001");
  });

  test("is not doubled by a second press, before its answer or just after", async () => {
    const { stepper, spotlight, answers, later } = asked();
    stepper.go("TEA-001");
    later(DOUBLE_PRESS_MS * 2);
    expect(stepper.go("SNK-101")).toBe(false);
    answers[0]?.({ type: "done" });
    await vi.waitFor(() => expect(stepper.state.value.kind).toBe("done"));
    expect(stepper.go("SNK-101")).toBe(true);
    answers[1]?.({ type: "done" });
    await vi.waitFor(() => expect(stepper.state.value).toEqual({ kind: "done", sku: "SNK-101" }));
    later(DOUBLE_PRESS_MS - 1);
    expect(stepper.go("KIT-201")).toBe(false);
    later(1);
    expect(stepper.go("KIT-201")).toBe(true);
    expect(spotlight).toHaveBeenCalledTimes(3);
  });

  test("that is refused, or never answered, says so and may be tried again", async () => {
    const { stepper, answers, later } = asked();
    stepper.go("TEA-001");
    answers[0]?.({ type: "refused", code: "UNAVAILABLE" });
    await vi.waitFor(() =>
      expect(stepper.state.value).toEqual({ kind: "failed", sku: "TEA-001", code: "UNAVAILABLE" }),
    );
    later(DOUBLE_PRESS_MS);
    expect(stepper.go("TEA-001")).toBe(true);
    answers[1]?.({ type: "unanswered" });
    await vi.waitFor(() => expect(stepper.state.value).toEqual({ kind: "failed", sku: "TEA-001", code: "" }));
  });

  test("of a room that was closed fails without an exception", async () => {
    const stepper = new Stepper(() => Promise.reject(new Error("closed")));
    stepper.go("TEA-001");
    await vi.waitFor(() => expect(stepper.state.value.kind).toBe("failed"));
  });
});
