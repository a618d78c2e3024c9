import { expect, it } from "vitest";
import { StillList } from "./stilllist";

const list = (names: string) => [...names].map((id) => ({ id }));
const shown = (still: StillList<{ id: string }>, names: string) =>
  still
    .order(list(names))
    .map(({ id }) => (still.isOver(id) ? id.toUpperCase() : id))
    .join("");

it("goes with what is true while nobody is there", () => {
  const still = new StillList<{ id: string }>();
  expect([shown(still, "abc"), shown(still, "cd")]).toEqual(["abc", "cd"]);
});

it("stands still under a hand: what is over keeps its place, what is new comes last", () => {
  const still = new StillList<{ id: string }>();
  shown(still, "abc");
  still.hold("pointer");
  still.hold("focus");
  expect(shown(still, "dca")).toBe("aBcd");
  still.release("pointer");
  expect(shown(still, "dcae")).toBe("aBcde");
  still.release("focus");
  expect(shown(still, "dcae")).toBe("dcae");
});

it("takes back what comes back", () => {
  const still = new StillList<{ id: string }>();
  shown(still, "ab");
  still.hold("focus");
  expect([shown(still, "b"), shown(still, "ba")]).toEqual(["Ab", "ab"]);
});
