import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadWords } from "../../../shared/i18n";
import type { Answer } from "../../api/client";
import { WORDS } from "../../words/all";
import { Edit } from "./edit";
import { merge } from "./merge";
import { line, whole } from "./values";

beforeAll(() => loadWords(WORDS, "en"));

interface Terms {
  readonly link: number | null;
  readonly limit: number | null;
  readonly title: string;
}

/** A definition on a server that others write, too. */
class Shelf {
  terms: Terms = { link: 1, limit: 2, title: "Mug" };
  revision = 7;
  readonly writes: Partial<Terms>[] = [];
  refusal: Answer<unknown> | null = null;

  /** Somebody else changes it. */
  change(terms: Partial<Terms>): void {
    this.terms = { ...this.terms, ...terms };
    this.revision += 1;
  }

  edit(): Edit<Terms> {
    return new Edit<Terms>({
      kinds: { link: whole({ min: 1, max: 9 }), limit: whole({ min: 1, max: 9 }), title: line(20) },
      seen: () => ({ values: this.terms, revision: this.revision }),
      write: async (changes, { revision }) => {
        this.writes.push(changes);
        if (this.refusal !== null) return this.refusal;
        if (revision !== this.revision) {
          const current = { ...this.terms, revision: this.revision };
          return { ok: false, status: 412, problem: { code: "STALE", current } as never, again: false };
        }
        this.change(changes);
        return { ok: true, value: {}, action: "a-1", etag: "" };
      },
      theirs: (current) => {
        const { revision, ...values } = current as Terms & { revision: number };
        return { values, revision };
      },
    });
  }
}

describe("an edit", () => {
  let shelf: Shelf;
  let edit: Edit<Terms>;
  beforeEach(() => {
    shelf = new Shelf();
    edit = shelf.edit();
  });

  it("writes what was changed and nothing else", async () => {
    edit.type("limit", "5");
    edit.type("title", "Mug");
    expect(await edit.save()).toBe("saved");
    expect([shelf.writes, edit.isTyped, edit.action]).toEqual([[{ limit: 5 }], false, "a-1"]);
    edit.type("limit", "5");
    expect(await edit.save()).toBe("nothing");
  });

  it("says at the field what was expected, and writes nothing then", async () => {
    edit.type("limit", "many");
    edit.type("link", "3");
    expect(await edit.save()).toBe("faults");
    expect(edit.faults.value).toEqual({ limit: "Expected: a whole number from 1 to 9." });
    edit.type("limit", "4");
    expect([edit.faults.value, await edit.save(), shelf.writes]).toEqual([{}, "saved", [{ limit: 4, link: 3 }]]);
  });

  it("lays mine beside what somebody else has changed of other fields", async () => {
    edit.type("limit", "5");
    shelf.change({ title: "Big mug" });
    expect(await edit.save()).toBe("saved");
    expect(shelf.terms).toEqual({ link: 1, limit: 5, title: "Big mug" });
  });

  it("asks where both have changed the same, and writes mine when I say so", async () => {
    edit.type("limit", "5");
    edit.type("link", "3");
    shelf.change({ limit: 8 });
    expect(await edit.save()).toBe("conflict");
    expect(edit.conflicts.value).toEqual([{ field: "limit", mine: 5, theirs: 8 }]);
    expect(shelf.terms.limit).toBe(8);
    edit.choose("limit", "mine");
    expect([await edit.save(), shelf.terms]).toEqual(["saved", { link: 3, limit: 5, title: "Mug" }]);
  });

  it("leaves theirs when I say so, and writes the rest of mine", async () => {
    edit.type("limit", "5");
    edit.type("link", "3");
    shelf.change({ limit: 8 });
    await edit.save();
    edit.choose("limit", "theirs");
    expect([await edit.save(), shelf.terms]).toEqual(["saved", { link: 3, limit: 8, title: "Mug" }]);
    expect(shelf.writes.at(-1)).toEqual({ link: 3 });
  });

  it("asks again where somebody is faster once more", async () => {
    edit.type("limit", "5");
    shelf.change({ limit: 8 });
    await edit.save();
    shelf.change({ limit: 9 });
    edit.choose("limit", "mine");
    expect([await edit.save(), edit.conflicts.value]).toEqual(["conflict", [{ field: "limit", mine: 5, theirs: 9 }]]);
  });

  it("puts a refusal at its field, else over the whole, and keeps what was typed", async () => {
    const problem = { code: "ID_CONFLICT", field: "link" } as never;
    shelf.refusal = { ok: false, status: 409, problem, again: false };
    edit.type("link", "3");
    expect([await edit.save(), edit.faults.value, edit.text("link")]).toEqual([
      "refused",
      { link: "That is taken already." },
      "3",
    ]);
    shelf.refusal = { ok: false, status: 0, problem: {}, again: true };
    await edit.save();
    expect(edit.trouble.value).toContain("does not answer");
    edit.forget();
    expect([edit.text("link"), edit.trouble.value]).toEqual(["1", ""]);
  });
});

it("finds no conflict where both have said the same", () => {
  const seen = { a: [1], b: 2 };
  expect(merge(seen, { a: [5], b: 3 }, { a: [5], b: 2 })).toEqual({ rest: { b: 3 }, conflicts: [] });
});
