/** The items that a refusal names: what is said of several articles is said once. */

import { t } from "../../shared/i18n";
import type { Problem } from "../api/schema";
import { checkName, failingText } from "../before/checklist/sentences";

type Item = NonNullable<Problem["items"]>[number];

export interface Failure {
  readonly key: string;
  /** What the check is called. */
  readonly name: string;
  /** Of which articles it is; "" where it is of the room. */
  readonly titles: string;
  readonly text: string;
}

/** The failures, in the order in which the first item of each stands. */
export function failuresOf(items: readonly Item[]): readonly Failure[] {
  const found = new Map<string, Item[]>();
  for (const item of items) {
    const key = `${item.check} ${item.why}`;
    found.set(key, [...(found.get(key) ?? []), item]);
  }
  return [...found].map(([key, of]) => {
    const [first] = of as [Item];
    const titles = of.flatMap(({ title, sku }) => (sku === null ? [] : [title || sku]));
    return {
      key,
      name: checkName(first.check),
      titles: titles.join(t("before.list.between")),
      text: failingText(first),
    };
  });
}
