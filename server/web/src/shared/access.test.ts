import { type ClientError, Rejected } from "@shelfcast/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fragmentWithoutToken, isFresh, openAccess, parsePass, roomOfPath, tokenOfFragment } from "./access";

/** A browser's storage, as far as a page uses it. */
class Kept implements Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  readonly entries = new Map<string, string>();
  getItem = (key: string) => this.entries.get(key) ?? null;
  setItem = (key: string, value: string) => void this.entries.set(key, value);
  removeItem = (key: string) => void this.entries.delete(key);
}

interface Asked {
  method: string;
  path: string;
  token: string | null;
  body: string;
}

let asked: Asked[];
let replaced: string[];
let reloaded: number;
let page: EventTarget;

/** A page at `path`, before a server that answers what `answers` says. */
function browse(path: string, answers: (asked: Asked) => Response | Error = () => new Response(null, { status: 403 })) {
  const url = new URL(path, "http://shelf.test");
  const reload = () => void reloaded++;
  vi.stubGlobal("location", { pathname: url.pathname, search: url.search, hash: url.hash, reload });
  vi.stubGlobal("fetch", async (address: string, { method, headers, body }: RequestInit) => {
    const token = new Headers(headers).get("Shelfcast-Token");
    const request = { method: method ?? "GET", path: address, token, body: String(body ?? "") };
    asked.push(request);
    const answer = answers(request);
    if (answer instanceof Error) throw answer;
    return answer;
  });
}

const pass = (token: string, forMs = 3_600_000) => ({ token, expires_at_ms: Date.now() + forMs });
/** What the server answers of a pass at its own time. */
const taken = () => new Response(null, { status: 204, headers: { Date: new Date().toUTCString() } });
const refused = (status = 401) =>
  new Response(null, { status, headers: { "Content-Type": "application/problem+json" } });
const given = (token: string) => new Response(JSON.stringify(pass(token)), { status: 201 });

beforeEach(() => {
  asked = [];
  replaced = [];
  reloaded = 0;
  page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("sessionStorage", new Kept());
  vi.stubGlobal("localStorage", new Kept());
  vi.stubGlobal("history", {
    state: null,
    replaceState: (_: unknown, __: string, address: string) => replaced.push(address),
  });
});
afterEach(() => void vi.unstubAllGlobals());

describe("a link with a token", () => {
  it("is used, kept for a reload of the tab, and taken out of the address bar", async () => {
    browse("/host/evening?lang=zh#token=a.b.c");
    const access = openAccess("evening", "host");
    expect([await access.token(), access.current(), access.kind.value]).toEqual(["a.b.c", "a.b.c", "link"]);
    expect(replaced).toEqual(["/host/evening?lang=zh"]);
    browse("/host/evening?lang=zh");
    expect(await openAccess("evening", "host").token()).toBe("a.b.c");
    expect(asked).toEqual([]);
  });

  it("opens its own room alone", async () => {
    browse("/host/evening#token=a.b.c");
    openAccess("evening", "none");
    browse("/host/morning");
    expect(await openAccess("morning", "none").token()).toBe("");
  });

  it("counts before an older one", async () => {
    browse("/host/evening#token=old");
    openAccess("evening");
    browse("/host/evening#token=new");
    expect(await openAccess("evening").token()).toBe("new");
  });
});

/** Another link is opened in the tab that shows the page: what is before the `#` is the same. */
function openInTheSameTab(path: string): void {
  browse(path);
  page.dispatchEvent(new Event("hashchange"));
}

describe("a link opened in a tab that shows the page already", () => {
  it("is taken out of the address bar, kept, and the page loaded anew with it", async () => {
    browse("/rooms/evening?lang=zh");
    openAccess("evening", "none");
    openInTheSameTab("/rooms/evening?lang=zh#token=a.b.c");
    expect([replaced, reloaded]).toEqual([["/rooms/evening?lang=zh"], 1]);
    browse("/rooms/evening?lang=zh");
    expect(await openAccess("evening", "none").token()).toBe("a.b.c");
  });

  it("stays in the address of a browser that keeps nothing, for the page that is loaded", () => {
    vi.stubGlobal("sessionStorage", undefined);
    browse("/rooms/evening");
    openAccess("evening", "none");
    openInTheSameTab("/rooms/evening#token=a.b.c");
    expect([replaced, reloaded]).toEqual([[], 1]);
  });

  it("is nothing to load anew for where it has no token", () => {
    browse("/rooms/evening");
    openAccess("evening", "none");
    openInTheSameTab("/rooms/evening#shelf");
    expect([replaced, reloaded]).toEqual([[], 0]);
  });
});

describe("a link that is refused", () => {
  const refusedWith = (error: ClientError) => {
    browse("/host/evening#token=a.b.c");
    openAccess("evening", "none").refused(error);
    browse("/host/evening");
    return openAccess("evening", "none").token();
  };

  it.each([401, 403])("with %s is not tried again after a reload", async (status) => {
    expect(await refusedWith(new Rejected(status, "FORBIDDEN", "no"))).toBe("");
  });

  it("stays where it was not the link's fault", async () => {
    expect(await refusedWith(new Rejected(404, "NOT_FOUND", "no such room"))).toBe("a.b.c");
  });

  it("does not take a newer one with it", async () => {
    browse("/host/evening#token=old");
    const { refused } = openAccess("evening", "none");
    openInTheSameTab("/host/evening#token=new");
    refused(new Rejected(401, "FORBIDDEN", "expired"));
    browse("/host/evening");
    expect(await openAccess("evening", "none").token()).toBe("new");
  });
});

describe("a guest", () => {
  it("asks once for a pass, and keeps it as long as the server takes it", async () => {
    browse("/rooms/evening", ({ method }) => (method === "POST" ? given("guest") : new Response()));
    const access = openAccess("evening");
    expect([await access.token(), await access.token(), access.kind.value]).toEqual(["guest", "guest", "guest"]);
    expect(await openAccess("evening").token()).toBe("guest");
    expect(asked.map(({ method, path, token }) => [method, path, token])).toEqual([
      ["POST", "/v1/rooms/evening/guests", null],
      ["HEAD", "/v1/rooms/evening/entry", "guest"],
      ["HEAD", "/v1/rooms/evening/entry", "guest"],
    ]);
  });

  it("stays who it is in a tab, whoever else the browser became at the same time", async () => {
    let number = 0;
    browse("/rooms/evening", ({ method }) => (method === "POST" ? given(`pass-${++number}`) : new Response()));
    const [first, second] = [new Kept(), new Kept()];
    const inTab = (tab: Kept, access: { token: () => Promise<string> }) => {
      vi.stubGlobal("sessionStorage", tab);
      return access.token();
    };
    vi.stubGlobal("localStorage", new Kept());
    const one = openAccess("evening");
    expect(await inTab(first, one)).toBe("pass-1");
    vi.stubGlobal("localStorage", new Kept()); // The other tab had looked before the first one's pass was kept.
    const other = openAccess("evening");
    expect(await inTab(second, other)).toBe("pass-2");
    expect([await inTab(first, one), await inTab(second, other)]).toEqual(["pass-1", "pass-2"]);
    // Loaded anew too; a third tab is one of them.
    expect(await inTab(first, openAccess("evening"))).toBe("pass-1");
    expect(await inTab(new Kept(), openAccess("evening"))).toBe("pass-2");
    expect(number).toBe(2);
  });

  it("becomes whom another tab is when its own pass is taken no more", async () => {
    sessionStorage.setItem("shelfcast.guest.viewer.evening", JSON.stringify(pass("old")));
    localStorage.setItem("shelfcast.guest.viewer.evening", JSON.stringify(pass("newer")));
    browse("/rooms/evening", ({ token }) => (token === "newer" ? taken() : refused()));
    const access = openAccess("evening");
    expect([await access.token(), await access.token()]).toEqual(["newer", "newer"]);
    expect(asked.map(({ token }) => token)).toEqual(["old", "newer", "newer"]);
  });

  it("gets another pass when the server takes the old one no more", async () => {
    let number = 0;
    browse("/rooms/evening", ({ method }) => (method === "POST" ? given(`pass-${++number}`) : refused()));
    const access = openAccess("evening");
    expect([await access.token(), await access.token()]).toEqual(["pass-1", "pass-2"]);
  });

  it("gets another pass when the old one is about to end", async () => {
    localStorage.setItem("shelfcast.guest.viewer.evening", JSON.stringify(pass("ending", 30_000)));
    browse("/rooms/evening", ({ method }) => (method === "POST" ? given("fresh") : taken()));
    expect(await openAccess("evening").token()).toBe("fresh");
  });

  it.each([25, -25])("stays who it is on a device whose clock is %i hours off", async (hours) => {
    let number = 0;
    const serverAtMs = Date.now();
    browse("/rooms/evening", ({ method }) =>
      method === "POST"
        ? new Response(JSON.stringify({ token: `pass-${++number}`, expires_at_ms: serverAtMs + 86_400_000 }))
        : new Response(null, { status: 204, headers: { Date: new Date(serverAtMs).toUTCString() } }),
    );
    vi.useFakeTimers({ toFake: ["Date"], now: serverAtMs + hours * 3_600_000 });
    try {
      const access = openAccess("evening");
      expect([await access.token(), await access.token()]).toEqual(["pass-1", "pass-1"]);
      expect(await openAccess("evening").token()).toBe("pass-1");
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([401, 403, 502])("keeps its pass where a proxy answers %i in the server's place", async (status) => {
    localStorage.setItem("shelfcast.guest.viewer.evening", JSON.stringify(pass("kept")));
    browse("/rooms/evening", () => new Response(null, { status, headers: { "Content-Type": "text/html" } }));
    expect(await openAccess("evening").token()).toBe("kept");
  });

  it("keeps its pass when nobody answers", async () => {
    localStorage.setItem("shelfcast.guest.viewer.evening", JSON.stringify(pass("kept")));
    browse("/rooms/evening", () => new TypeError("network"));
    expect(await openAccess("evening").token()).toBe("kept");
  });

  it("is a host where it asks for that, apart from being a viewer", async () => {
    browse("/host/demo", ({ body }) => given(body.includes("host") ? "host" : "viewer"));
    expect(await openAccess("demo", "host").token()).toBe("host");
    expect(await openAccess("demo", "viewer").token()).toBe("viewer");
    expect(asked[0]?.body).toBe('{"role":"host"}');
  });

  it("is anonymous in a room that takes no guests, and where nobody answers", async () => {
    browse("/rooms/evening");
    const access = openAccess("evening");
    expect([await access.token(), access.kind.value]).toEqual(["", "anonymous"]);
    browse("/rooms/evening", () => new TypeError("network"));
    expect(await openAccess("evening").token()).toBe("");
  });

  it("gets one all the same in a browser that keeps nothing", async () => {
    for (const name of ["sessionStorage", "localStorage"]) vi.stubGlobal(name, undefined);
    Object.defineProperty(globalThis, "localStorage", {
      configurable: true,
      get: () => {
        throw new Error("denied");
      },
    });
    browse("/rooms/evening#token=linked");
    expect(await openAccess("evening").token()).toBe("linked");
  });
});

it.each([
  ["#token=abc", "abc", ""],
  ["#lang=zh&token=abc", "abc", "#lang=zh"],
  ["#token=", null, ""],
  ["#token", null, ""],
  ["#token=a.b%0A-c_1 d", "a.b-c_1d", ""],
  ["#token=%00", null, ""],
  ["", null, ""],
  ["#top", null, "#top="],
])("of %s the token is %s and the rest %s", (fragment, token, rest) => {
  expect([tokenOfFragment(fragment), fragmentWithoutToken(fragment)]).toEqual([token, rest]);
});

it.each([
  ["/rooms/evening", "evening"],
  ["/host/a-b_c", "a-b_c"],
  ["/", ""],
  ["/rooms/%E0%A4%A", "%E0%A4%A"],
  ["/rooms/%E6%99%9A", "晚"],
])("%s names the room %s", (path, room) => expect(roomOfPath(path)).toBe(room));

it.each([null, "", "{", "null", "[]", '{"token": 5, "expires_at_ms": 1}', '{"token": "a"}'])(
  "%s is no pass",
  (text) => {
    expect(parsePass(text)).toBeNull();
  },
);

it("a pass is fresh until a minute before its end", () => {
  expect([isFresh(pass("a", 61_000), Date.now()), isFresh(pass("a", 59_000), Date.now())]).toEqual([true, false]);
});
