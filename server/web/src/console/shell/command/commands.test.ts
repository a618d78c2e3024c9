import { describe, expect, it } from "vitest";
import { type Command, GRAMMAR, type Known, parse } from "./commands";

const known: Known = {
  links: new Map([
    [3, "MUG-01"],
    [12, "3M-TAPE"],
  ]),
  skus: [
    { sku: "MUG-01", title: "Stoneware mug" },
    { sku: "MUG-02", title: "Stoneware mug, large" },
    { sku: "BOWL", title: "釉下彩大碗" },
    { sku: "3M-TAPE", title: "Tape" },
  ],
  channels: ["live", "douyin", "douyin-shop"],
  batches: ["wave-2", "wave-3", "night"],
};

const asked = (line: string) => parse(line, known);
const faultOf = (line: string) => {
  const found = asked(line);
  return found?.kind === "fault" ? [found.fault.replace("command.fault.", ""), found.values] : found;
};

describe("a line of the command line", () => {
  const mug = "MUG-01";
  const lines: [string, Command][] = [
    ["3 +50", { kind: "put", sku: mug, units: 50 }],
    ["3+50", { kind: "put", sku: mug, units: 50 }],
    ["  3  + 50 ", { kind: "put", sku: mug, units: 50 }],
    ["３　＋５０", { kind: "put", sku: mug, units: 50 }],
    ["3 !", { kind: "spotlight", sku: mug }],
    ["3！", { kind: "spotlight", sku: mug }],
    ["3 x", { kind: "freeze", sku: mug }],
    ["３ Ｘ", { kind: "freeze", sku: mug }],
    ["3 r 50", { kind: "elastic", sku: mug, units: 50 }],
    ["3r50", { kind: "elastic", sku: mug, units: 50 }],
    ["3 r", { kind: "elastic", sku: mug, units: null }],
    ["3 > live 20", { kind: "move", sku: mug, channel: "live", units: 20 }],
    ["3>20 live", { kind: "move", sku: mug, channel: "live", units: 20 }],
    ["3 》 douyin 20", { kind: "move", sku: mug, channel: "douyin", units: 20 }],
    ["3 < douyin-s 20", { kind: "move", sku: mug, channel: "douyin-shop", units: -20 }],
    ["c 给大家看看杯底！", { kind: "cue", sku: null, text: "给大家看看杯底！" }],
    ["3 c show the bottom", { kind: "cue", sku: mug, text: "show the bottom" }],
    ["a Free shipping until nine", { kind: "notice", text: "Free shipping until nine" }],
    ["n", { kind: "step", step: "next" }],
    ["Ｐ", { kind: "step", step: "previous" }],
    ["b wave-2", { kind: "batch", batch: "wave-2" }],
    ["b ni", { kind: "batch", batch: "night" }],
    ["u", { kind: "undo" }],
    ["go board", { kind: "go", view: "board" }],
    ["go le", { kind: "go", view: "ledger" }],
    ["?", { kind: "help" }],
    ["？", { kind: "help" }],
    // A name, or the beginning of one, where there is no number.
    ["MUG-01 +50", { kind: "put", sku: mug, units: 50 }],
    ["mug-02 x", { kind: "freeze", sku: "MUG-02" }],
    ["bow +5", { kind: "put", sku: "BOWL", units: 5 }],
    ["釉下 +5", { kind: "put", sku: "BOWL", units: 5 }],
    ["釉下彩＋5", { kind: "put", sku: "BOWL", units: 5 }],
    ["stoneware mug, large !", { kind: "spotlight", sku: "MUG-02" }],
    ["3M-TAPE +5", { kind: "put", sku: "3M-TAPE", units: 5 }],
    ["3m +5", { kind: "put", sku: "3M-TAPE", units: 5 }],
    ["12 r", { kind: "elastic", sku: "3M-TAPE", units: null }],
  ];
  it.each(lines)("%s", (line, command) => {
    expect(asked(line)).toEqual(command);
  });

  it("that is empty asks for nothing", () => {
    expect(asked("  　")).toBeNull();
  });
});

describe("a line that cannot be read says what was expected", () => {
  it.each([
    ["7 +50", "no_link", { link: 7 }],
    ["3 +", "units", { given: "…" }],
    ["3 +0", "units", { given: "0" }],
    ["3 +many", "units", { given: "many" }],
    ["3 r lots", "units", { given: "lots" }],
    ["3 !!", "nothing_behind", { word: "!" }],
    ["n 5", "nothing_behind", { word: "n" }],
    ["3 >", "channel", { known: "live, douyin, douyin-shop" }],
    ["3 > taobao 5", "channel", { word: "taobao", known: "live, douyin, douyin-shop" }],
    ["3 > live", "units", { given: "…" }],
    ["3 > dou 5", "several", { word: "dou", known: "douyin, douyin-shop" }],
    ["mug +5", "several", { word: "mug", known: "Stoneware mug, Stoneware mug, large" }],
    ["cup +5", "unknown", { word: "cup" }],
    ["c", "text", {}],
    [`a ${"x".repeat(501)}`, "text_long", { most: 500 }],
    ["b", "batch", { word: "", known: "wave-2, wave-3, night" }],
    ["b wave", "several", { word: "wave", known: "wave-2, wave-3" }],
    ["go home", "view", { word: "home", known: "board, before, counts, after, ledger, emergency" }],
    ["3", "what", { sku: "MUG-01" }],
    ["BOWL", "what", { sku: "BOWL" }],
    ["3 z", "what", { sku: "MUG-01" }],
  ])("%s", (line, fault, values) => {
    expect(faultOf(line)).toEqual([fault, values]);
  });
});

it("every form that the help has can be read", () => {
  for (const { form } of GRAMMAR) {
    const line = form.replace("…", "words");
    expect(asked(line)?.kind, form).not.toBe("fault");
  }
});
