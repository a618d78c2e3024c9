import { beforeEach, expect, it } from "vitest";
import { loadWords } from "../../shared/i18n";
import { WORDS } from "../words/all";
import { problemText, unreadText } from "./problem";

beforeEach(() => loadWords(WORDS, "en"));

it("doubts what became of a write without an answer, and not of a question", () => {
  expect(problemText({}, 0)).toContain("whether it was carried out is not known");
  expect(unreadText({}, 0)).toBe("The server does not answer.");
});

it("says a refusal in the page's words, with the server's detail", () => {
  const refused = { code: "INSUFFICIENT", available: 3, detail: "MUG-01" } as const;
  expect(problemText(refused, 409)).toMatch(/3.*\(MUG-01\)/);
  expect(unreadText(refused, 409)).toBe(problemText(refused, 409));
  expect(problemText({}, 418)).toContain("418");
});
