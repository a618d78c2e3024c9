import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { actionOf, type Press, takesKeys } from "./keys";

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  repeat: false,
  isComposing: false,
  ...more,
});

describe("a key of the host page", () => {
  test.each(["n", "N", "ArrowRight", "PageDown"])("%s is the next item", (key) => {
    expect(actionOf(press(key), false)).toBe("next");
  });

  test.each(["p", "P", "ArrowLeft", "PageUp"])("%s is the previous item", (key) => {
    expect(actionOf(press(key), false)).toBe("previous");
  });

  test("A acknowledges", () => {
    expect(actionOf(press("a"), false)).toBe("acknowledge");
  });

  test.each(["Tab", "Enter", " ", "Escape", "b", "."])("%s is left alone", (key) => {
    expect(actionOf(press(key), false)).toBeNull();
  });

  test("does nothing while somebody writes", () => {
    expect(actionOf(press("n"), true)).toBeNull();
    expect(actionOf(press("n", { isComposing: true }), false)).toBeNull();
  });

  test("does nothing when held down, or with a key of the browser", () => {
    expect(actionOf(press("n", { repeat: true }), false)).toBeNull();
    expect(actionOf(press("n", { ctrlKey: true }), false)).toBeNull();
    expect(actionOf(press("ArrowLeft", { altKey: true }), false)).toBeNull();
    expect(actionOf(press("n", { metaKey: true }), false)).toBeNull();
  });
});

describe("what has the focus", () => {
  /** Of an element what keys.ts looks at, so that no browser is needed. */
  class FakeElement {
    constructor(
      readonly tag: string,
      readonly type = "",
      readonly isContentEditable = false,
    ) {}
    matches(selector: string): boolean {
      return selector.split(", ").some((each) => {
        const [tag, except] = each.split(/:not\(\[type=|\]\)/);
        return tag === this.tag && except !== this.type;
      });
    }
  }
  const focused = (...of: ConstructorParameters<typeof FakeElement>) =>
    new FakeElement(...of) as unknown as EventTarget;

  beforeEach(() => void vi.stubGlobal("HTMLElement", FakeElement));
  afterEach(() => void vi.unstubAllGlobals());

  test.each(["input", "textarea", "select"])("takes keys for itself where it is written in: %s", (tag) => {
    expect(takesKeys(focused(tag))).toBe(true);
    expect(actionOf(press("n"), takesKeys(focused(tag)))).toBeNull();
    expect(takesKeys(focused("p", "", true))).toBe(true);
  });

  test.each([["button"], ["body"], ["input", "checkbox"]])("leaves keys to the page: %s %s", (tag, type = "") => {
    expect(takesKeys(focused(tag, type))).toBe(false);
  });

  test("leaves keys to the page where it is no element", () => {
    expect(takesKeys(null)).toBe(false);
    expect(takesKeys(new EventTarget())).toBe(false);
  });
});
