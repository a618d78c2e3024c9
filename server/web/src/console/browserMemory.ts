/** What this browser keeps from one visit to the next. One that keeps nothing shows the usual choice each time. */

/** What was kept under a name; null where nothing was. */
export function recallText(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function keepText(name: string, text: string): void {
  try {
    localStorage.setItem(name, text);
  } catch {
    // What was chosen holds all the same, until the page is loaded anew.
  }
}
