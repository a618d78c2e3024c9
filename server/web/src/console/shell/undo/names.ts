/** What the words of actions and events are made with, as things are now. */

import { untracked } from "@preact/signals";
import type { Console } from "../../console";
import type { Names, Told } from "./actionwords";

export function namesOf(it: Console): Names {
  const actions = new Map((it.kept.actions.value.value ?? []).map((action) => [action.id, action]));
  const title = it.stage?.title.value;
  // Titles are there with the room or the catalogue. What draws them is not drawn anew by each count of each product.
  void it.stage?.connection.value.current;
  void it.kept.skus.value.value;
  return {
    titleOf: (sku) => untracked(() => it.titleOf(sku)),
    actionOf: (id) => actions.get(id),
    dataOf: ({ id, kind }: Told) =>
      it.live.actions.value.find((event) => event.action === id && event.type === kind)?.data,
    roomOf: (name) => (name === it.room ? title || name : name),
  };
}
