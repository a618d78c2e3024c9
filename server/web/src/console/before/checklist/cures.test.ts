import { beforeAll, describe, expect, it, vi } from "vitest";
import { loadWords } from "../../../shared/i18n";
import type { Console } from "../../console";
import { WORDS } from "../../words/all";
import { step, takeSought } from "../steps";
import { actOf } from "./cures";
import { cureLabel, isReady, notFor, request } from "./request";

beforeAll(() => loadWords(WORDS, "en"));

const cure = (kind: string, about: object = {}, more: object = {}) =>
  ({ kind, about, method: null, path: null, body: null, view: null, step: null, role: "operator", ...more }) as never;
const mug = { sku: "MUG-01", title: "Mug", values: { available: 10 } };
const again = async () => {};

function consoleOf(role = "operator", call: unknown = vi.fn()) {
  return {
    pool: "main",
    room: "evening",
    api: { request: call },
    login: { session: { value: { role, rooms: null } } },
    titleOf: () => "Mug",
    leftOf: () => 0,
  } as unknown as Console;
}

describe("a cure that is ready", () => {
  const body = { kind: "release_elastic", sku: "MUG-01", qty: 15, source: "elastic", target: "pool" };
  const about = { sku: "MUG-01", units: 15, source: "elastic", target: "pool" };
  const release = cure("release_elastic", about, { method: "POST", path: "/v1/pools/main/moves", body });

  it("says in units what it does before it does it", () => {
    const operation = request(consoleOf(), mug, release, again);
    expect(operation.says()).toBe("Releases 15 of the elastic reserve of Mug: 10 → 25 on sale.");
    expect(operation.hindered()).toBe("");
  });

  it("is sent as it is, once under its key, and the checklist is read again", async () => {
    const sent = vi.fn().mockResolvedValue({ data: {}, response: new Response("{}") });
    const read = vi.fn().mockResolvedValue(undefined);
    const answer = await request(consoleOf("operator", sent), mug, release, read).run("key-1");
    expect(answer.ok).toBe(true);
    const headers = { "Idempotency-Key": "key-1" };
    expect(sent).toHaveBeenCalledExactlyOnceWith("post", "/v1/pools/main/moves", { headers, body });
    expect(read).toHaveBeenCalledOnce();
  });

  it("is not offered to whoever may not", () => {
    expect(notFor(consoleOf("service"), release)).toBe("Only an operator may do this.");
    expect(request(consoleOf("service"), mug, release, again).hindered()).not.toBe("");
  });

  it("calls nothing but this server", () => {
    expect(isReady({ method: "POST", path: "https://elsewhere.example/v1/" })).toBe(false);
    expect(isReady({ method: "POST", path: "/v1/rooms/evening/skus/MUG-01" })).toBe(true);
    expect(isReady({ method: null, path: null })).toBe(false);
  });
});

describe("a cure that lacks something", () => {
  it("leads to the step where it is said, and looks for the article there", () => {
    const act = actOf(consoleOf(), mug, cure("set_price", {}, { view: "before", step: "goods" }), again);
    expect(act?.kind).toBe("go");
    if (act?.kind === "go") act.go();
    expect(step.value).toBe("shelf");
    expect(takeSought()).toBe("MUG-01");
    expect(takeSought()).toBe("");
  });

  it("asks how many where that is all that it lacks", () => {
    const act = actOf(consoleOf(), mug, cure("set_quota", { units: 40 }), again);
    expect(act).toMatchObject({ kind: "units", first: 40 });
    if (act?.kind === "units") expect(act.make(40).says()).toContain("10 → 50");
  });

  it("is left out where this console does not know it and nothing is ready", () => {
    expect(actOf(consoleOf(), mug, cure("of_tomorrow"), again)).toBeNull();
    expect(cureLabel(cure("of_tomorrow"), mug)).toBe("Mend it");
  });
});
