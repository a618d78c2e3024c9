import { signal } from "@preact/signals";
import { createElement, Fragment, type VNode } from "preact";
import { expect, it } from "vitest";
import { makeWhole } from "./wholeText";

// biome-ignore lint/suspicious/noExplicitAny: a vnode of whatever element
function props(vnode: VNode<any>): Record<string, unknown> {
  makeWhole(vnode);
  return vnode.props as Record<string, unknown>;
}

it("sets an element's text as a whole", () => {
  expect(props(createElement("p", { class: "count" }, "5"))).toEqual({ class: "count", textContent: "5" });
  expect(props(createElement("p", null, 5, " left", null, false))).toEqual({ textContent: "5 left" });
  expect(props(createElement("p", null, ""))).toEqual({ textContent: "" });
  const left = signal("5");
  expect(props(createElement("p", null, left)).textContent).toBe(left);
});

it("leaves what has no text as it is", () => {
  for (const made of [createElement("p", { class: "nothing" }), createElement("p", null, null, false)]) {
    expect(props(made)).not.toHaveProperty("textContent");
  }
  const child = createElement("b", null);
  expect(props(createElement("p", null, child))).toEqual({ children: child });
});

it("gives a text among elements an element of its own, as Preact makes its node", () => {
  const made = { ...createElement("p", null), type: null, props: 5 } as unknown as VNode;
  expect(props(made)).toEqual({ textContent: "5" });
  expect(made.type).toBe("text-run");
});

it("leaves no signal among elements, which would be a text node", () => {
  const left = signal("5");
  for (const type of ["p", Fragment] as const) {
    const { children } = props(createElement(type as "p", null, [left, " ", createElement("b", null)])) as {
      children: VNode<{ textContent?: unknown }>[];
    };
    expect([children[0]?.type, children[0]?.props.textContent]).toEqual(["text-run", left]);
  }
});
