/**
 * Text that survives a browser's translator.
 *
 * A translator takes a page's text nodes out and puts <font> elements in their places. What a library then writes into a
 * text node it still holds is seen by nobody: a count stands still for ever while everybody believes it, and an element that
 * is to be put before such a node cannot be. So no text node is held on to here: wherever a vnode stands for text, it
 * becomes the `textContent` of an element, which is set as a whole and replaces whatever a translator has put inside.
 */

import { Signal } from "@preact/signals";
import { type ComponentChild, type ComponentChildren, createElement, Fragment, options, type VNode } from "preact";
import "./wholeText.css";

/** The element of a text that has siblings; to the layout it is not there. */
const TEXT = "text-run";

type Props = Record<string, unknown> & { children?: ComponentChildren };

let begun = false;

/** Call once, before the first render. */
export function keepTextWhole(): void {
  if (begun) return;
  begun = true;
  const before = options.vnode;
  options.vnode = (vnode) => {
    makeWhole(vnode);
    before?.(vnode);
  };
}

/** Changes what stands for text in a new vnode. Exported for tests. */
// biome-ignore lint/suspicious/noExplicitAny: a vnode of whatever element
export function makeWhole(vnode: VNode<any>): void {
  // What Preact makes of a string between elements: its type is null, its props are the string.
  const made = vnode as { type: unknown; props: unknown };
  if (made.type === null) {
    made.type = TEXT;
    made.props = { textContent: String(made.props) };
  } else if (made.type === Fragment) {
    made.props = { ...(made.props as Props), children: withoutSignals((made.props as Props).children) };
  } else if (typeof made.type === "string" && made.type !== TEXT) {
    const { children, ...props } = made.props as Props;
    const text = textOf(children);
    if (text !== null) made.props = { ...props, textContent: text };
    else if (children !== undefined) made.props = { ...props, children: withoutSignals(children) };
  }
}

/** The text that these children are, or the signal of one; null where they are more than that, or nothing. */
function textOf(children: ComponentChildren): string | Signal | null {
  if (children instanceof Signal) return children;
  if (!Array.isArray(children)) return isText(children) ? String(children) : null;
  const parts = (children as ComponentChild[]).filter((part) => part !== null && typeof part !== "boolean");
  const shown = parts.filter((part) => part !== undefined);
  if (shown.length === 1 && shown[0] instanceof Signal) return shown[0];
  return shown.length > 0 && shown.every(isText) ? shown.join("") : null;
}

/** A signal among children would be drawn as a text node of its own. */
function withoutSignals(children: ComponentChildren): ComponentChildren {
  if (children instanceof Signal) return createElement(TEXT, { textContent: children } as object);
  return Array.isArray(children) ? (children as ComponentChild[]).map((child) => withoutSignals(child)) : children;
}

function isText(child: unknown): child is string | number | bigint {
  return typeof child === "string" || typeof child === "number" || typeof child === "bigint";
}
