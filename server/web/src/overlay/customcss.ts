/**
 * The "Custom CSS" field of an OBS browser source.
 *
 * OBS puts it into the page's head as a style element once the page has loaded. A strict Content-Security-Policy refuses
 * such an element, and so would the page's own; but a constructed style sheet is not inline. The text is taken over from
 * the refused element. Only a script of this page, or who hosts the browser, can add one.
 */

import { complain } from "./complain";

/** More than anybody writes into that field. */
const CUSTOM_CSS_CHARACTERS_MAX = 65_536;

/** Adopt the style elements that a policy refused, now and later. The latest one counts. Returns how to stop. */
export function adoptCustomCss(): () => void {
  const adopted = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, adopted];
  const take = (node: Node) => {
    if (!(node instanceof HTMLStyleElement) || node.sheet !== null) return;
    const css = node.textContent ?? "";
    if (css.length > CUSTOM_CSS_CHARACTERS_MAX) {
      complain(`custom CSS of more than ${CUSTOM_CSS_CHARACTERS_MAX} characters is passed over`);
      return;
    }
    adopted.replaceSync(css);
  };
  document.head.querySelectorAll("style").forEach(take);
  const observer = new MutationObserver((changes) => {
    for (const change of changes) change.addedNodes.forEach(take);
  });
  observer.observe(document.head, { childList: true });
  return () => observer.disconnect();
}
