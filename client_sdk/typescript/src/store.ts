/** What of a `Storage` is needed: that of the tab, or anything like it. Written out, as Node's types have none. */
export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}
