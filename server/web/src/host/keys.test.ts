import { describe, expect, test } from "vitest";
import { actionOf, type Press } from "./keys";

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
