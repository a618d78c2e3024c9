import { afterEach, describe, expect, it, test } from "vitest";
import { type Language, loadWords } from "../../shared/i18n";
import type { Answer } from "../api/client";
import type { FreezeDone, FreezeScope, InForce, RoomStatus, StatusDone } from "../api/schema";
import type { Console } from "../console";
import { WORDS } from "../words/all";
import { freezeCall, STEPS, stepCall } from "./calls";
import { freezeSays, inForceName, inForceSince, type Step, statusSays } from "./effectWords";
import { Outlook } from "./outlook";
import { isNamed, SCOPES, scopeBody } from "./target";

const NAMED = {
  titleOf: (sku: string) => (sku === "MUG" ? "Mug" : sku),
  roomOf: (room: string) => (room === "evening" ? "Evening" : room),
};
const NAMES: Readonly<Record<FreezeScope, string>> = { sku: "MUG", channel: "live", room: "evening", pool: "" };
const reach = { skus: 2, rooms: ["evening"], holds: 2, units_held: 5, viewers: 1200 };
const effect = { skus: 1, holds: 1, units_held: 1, viewers: 1, waiting: 3, gate: null };

afterEach(() => loadWords(WORDS, "en"));

function each(language: Language, frozen: boolean): string[] {
  loadWords(WORDS, language);
  return SCOPES.map((scope) => freezeSays({ scope, name: NAMES[scope] }, frozen, reach, NAMED));
}

describe("a freeze says what it stops", () => {
  const stays = "2 checkouts with 5 units stay: they can be paid or given back, or run out.";

  it("in English", () => {
    expect(each("en", true)).toEqual([
      `Stops all sales of Mug at once, in 1 room with 1,200 viewers. ${stays}`,
      `Stops all sales through channel live at once: 2 SKUs in 1 room with 1,200 viewers. ${stays}`,
      `Stops all sales in room Evening at once: 2 SKUs, with 1,200 viewers. ${stays}`,
      `Stops all sales of the whole pool at once: 2 SKUs in 1 room with 1,200 viewers. ${stays}`,
    ]);
  });

  it("in Chinese", () => {
    expect(each("zh", true)[1]).toBe(
      "立即停止渠道 live 的全部销售：1 个直播间的 2 个 SKU，1,200 位观众。2 笔待付款（共 5 件）保持不变：可以付款、退回，或到时失效。",
    );
  });

  it("and a thaw what goes on", () => {
    expect(each("en", false)[2]).toBe(
      "Lets room Evening sell again: 2 SKUs, with 1,200 viewers. What another freeze is over stays frozen.",
    );
  });

  it("where nobody is at the checkout, too", () => {
    const nobody = { ...reach, holds: 0, units_held: 0 };
    expect(freezeSays({ scope: "pool", name: "" }, true, nobody, NAMED)).toMatch(/Nobody is at the checkout\.$/);
  });
});

describe.each(["en", "zh"] as const)("in %s", (language) => {
  it("every step of a show has a sentence with its numbers", () => {
    loadWords(WORDS, language);
    for (const step of Object.values(STEPS).flat()) {
      const says = statusSays(step, "Evening", effect);
      expect(says, step).toContain("Evening");
      expect(says, step).toMatch(/3 (people|位)/);
      expect(says, step).not.toContain("{{");
      expect(says, step).not.toContain("emergency.");
    }
  });
});

test("the end of a show says who stays and who waits in vain", () => {
  expect(statusSays("end", "Evening", effect)).toBe(
    "Ends the show in Evening: 1 viewer can buy none of its 1 SKU any more. 1 checkout with 1 unit stays: it can be " +
      "paid or given back, or runs out. 3 people wait there, and wait in vain then.",
  );
  expect(statusSays("resume", "Evening", { ...effect, waiting: 0 })).toBe(
    "Goes on with the show in Evening: 1 viewer can buy 1 SKU again.",
  );
});

test("the begin of a show says what its checklist leaves open", () => {
  const gate = { fails: 2, warns: 1, overridden: false };
  expect(statusSays("begin", "Evening", { ...effect, gate })).toMatch(/The checklist: 2 fail, 1 are worth a look\.$/);
  const clear = { ...gate, fails: 0, warns: 0 };
  expect(statusSays("begin", "Evening", { ...effect, gate: clear })).not.toContain("checklist");
});

test("what is in force says since when, by whom and why, as far as that is known", () => {
  const frozen = { kind: "frozen", scope: "sku", name: "MUG", by: "wang", reason: "smoke" } as InForce;
  const paused = { kind: "paused", scope: "room", name: "night", by: "", reason: "" } as InForce;
  expect([frozen, paused].map((one) => inForceName(one, NAMED))).toEqual(["Frozen: Mug", "Paused: room night"]);
  expect(inForceSince(frozen, "20:14")).toBe("since 20:14, by wang, reason: smoke");
  expect(inForceSince(paused, "")).toBe("for a long time");
  loadWords(WORDS, "zh");
  expect(inForceSince(frozen, "20:14")).toBe("自 20:14 起，操作人 wang，原因：smoke");
});

test("a target is said as the server takes it", () => {
  expect(SCOPES.map((scope) => scopeBody({ scope, name: NAMES[scope] }))).toEqual([
    { sku: "MUG" },
    { channel: "live" },
    { room: "evening" },
    { pool: true },
  ]);
  expect([isNamed({ scope: "sku", name: "" }), isNamed({ scope: "pool", name: "" })]).toEqual([false, true]);
});

const ok = <T>(value: T): Answer<T> => ({ ok: true, value, action: "", etag: "" });
const operator = (role: string) =>
  ({
    titleOf: NAMED.titleOf,
    room: "evening",
    kept: { room: { value: { value: null } } },
    login: { session: { value: { role, rooms: null } } },
  }) as unknown as Console;

test("a call waits for its sentence, says it, and is hindered as the server says", async () => {
  const refused = (field: string, status = 409): Answer<StatusDone> => {
    return { ok: false, status, problem: { code: "BAD_MESSAGE", field }, again: false };
  };
  const answers = [ok(effect as StatusDone), refused("status"), refused("continue_show"), refused("id", 422)];
  const outlook = new Outlook(async () => answers.shift() as Answer<StatusDone>);
  const pause = stepCall(operator("operator"), "evening", "Evening", "pause", outlook.answer);
  expect(pause.hindered()).toBe("Working out what it will do …");
  await outlook.now();
  expect([pause.hindered(), pause.says().slice(0, 6), pause.final]).toEqual(["", "Pauses", false]);
  const hindered: string[] = [];
  while (answers.length > 0) {
    await outlook.now();
    hindered.push(pause.hindered());
  }
  expect(hindered[0]).toBe("The room has another status by now.");
  expect(hindered[1]).toMatch(/^The last show cannot go on any more/);
  expect(hindered[2]).toBe("It does not have the expected form.");
});

test("an outlook that is let go of says nothing more", async () => {
  const outlook = new Outlook(async () => ok(1));
  const asked = outlook.now();
  outlook.close();
  await asked;
  expect(outlook.answer.value).toBeNull();
});

test("who is no operator may thaw, and not freeze; only the end of a show is confirmed", () => {
  const outlook = { value: ok(reach as FreezeDone) } as never;
  const call = (role: string, frozen: boolean) =>
    freezeCall(operator(role), { scope: "pool", name: "" }, frozen, outlook);
  expect([call("service", true), call("service", false), call("operator", true)].map((one) => one.hindered())).toEqual([
    "To freeze takes an operator.",
    "",
    "",
  ]);
  const steps: readonly Step[] = ["begin", "continue", "resume", "pause", "end"];
  const final = steps.filter((step) => stepCall(operator("operator"), "e", "E", step, outlook).final);
  expect(final).toEqual(["end"]);
  const statuses: readonly RoomStatus[] = ["scheduled", "live", "paused", "ended"];
  expect(statuses.map((status) => STEPS[status].length)).toEqual([1, 2, 2, 2]);
});
