/** The built file and the example page in a real browser, at an address other than the server's. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { connect } from "../src/index.js";
import { Browser, CHROMIUM, type Tab } from "./browser.js";
import { Server } from "./server.js";

const file = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

describe.skipIf(!existsSync(CHROMIUM))("the example page", () => {
  let shop: HttpServer;
  let shopUrl = "";
  let server: Server;
  let browser: Browser;
  let room = "evening";
  let policy = "{}";
  /** Who is logged in at the shop; every test is another customer's. */
  let customer: string | null = null;
  let customers = 0;
  /** What live-token answers where nobody is. */
  let nobody = 401;
  let refused: (() => void) | null = null;

  beforeAll(async () => {
    shop = createServer((request, response) => {
      const page = () =>
        file("examples/shop.html")
          .replace("http://127.0.0.1:8000", server.url)
          .replace('"demo", token }', `"${room}", token, policy: ${policy} }`);
      const files: Record<string, () => [string, string]> = {
        "/product": () => ["text/html", page()],
        "/shelfcast.js": () => ["text/javascript", file("dist/shelfcast.js")],
        "/live-token": () => ["text/plain", customer ? server.token("viewer", customer) : "log in"],
      };
      const [type, body] = files[request.url ?? ""]?.() ?? ["text/plain", ""];
      if (request.url === "/live-token" && refused) {
        response.statusCode = 500;
        refused();
        refused = null;
      } else if (request.url === "/live-token" && !customer) {
        response.statusCode = nobody;
      }
      response.setHeader("Content-Type", `${type}; charset=utf-8`).end(body);
    });
    await new Promise<void>((resolve) => shop.listen(0, "127.0.0.1", resolve));
    shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
    server = await new Server({
      ALLOWED_ORIGINS: shopUrl,
      // A test stops the engine for as long as a busy machine needs to ask twice: it is not replaced meanwhile, and counts do
      // not become old, with which nobody could ask.
      ENGINE_SILENCE_MAX_MS: "600000",
      ENGINE_PING_TIMEOUT_MS: "600000",
    }).start();
    await server.openShop({ "TEA-001": 9 });
    browser = await new Browser().start();
  });

  beforeEach(() => {
    customer = `customer-${++customers}`;
    room = "evening";
    policy = "{}";
  });

  afterAll(async () => {
    await browser?.stop();
    shop?.close();
    await server?.stop();
  });

  /** Resolves once this holds in the page, whose elements are known by their ids. */
  const once = (condition: string) => `new Promise((resolve) => {
    const look = () => document.getElementById("said") && (${condition}) ? resolve() : requestAnimationFrame(look);
    look();
  })`;

  /** Resolves with the text once the page shows it. */
  const shows = (id: string, text: string) =>
    `${once(`${id}.textContent.includes(${JSON.stringify(text)})`)}.then(() => ${id}.textContent)`;

  const enabled = once("!reserve.disabled");

  /** Press as soon as the page lets. */
  const press = async (page: Tab) => page.evaluate(`${enabled}.then(() => reserve.click())`);

  /** A page that is connected, and how many it says are left. */
  async function open(): Promise<[Tab, number]> {
    const page = await browser.open(`${shopUrl}/product`);
    await page.evaluate(once(`left.style.opacity === "1"`));
    return [page, Number(await page.evaluate("left.textContent"))];
  }

  /** The process that keeps this server's book. */
  function engine(): number {
    const isIt = (pid: string) => {
      try {
        const [, name, parent] = /\((\S+)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
        const isStore = /^(valkey|redis)-server$/.test(name ?? "");
        return isStore && readFileSync(`/proc/${parent}/environ`, "utf8").includes(`ALLOWED_ORIGINS=${shopUrl}\0`);
      } catch {
        return false; // it has ended meanwhile
      }
    };
    const found = readdirSync("/proc").find((name) => /^\d+$/.test(name) && isIt(name));
    if (!found) throw new Error("the server has no engine of its own");
    return Number(found);
  }

  /** The book cannot be reached from here on; returns what ends that. */
  function stopEngine(): () => void {
    const pid = engine();
    const end = () => void process.kill(pid, "SIGCONT");
    onTestFinished(end);
    process.kill(pid, "SIGSTOP");
    return end;
  }

  test("sells, shows the count, and follows it", async () => {
    const [page, before] = await open();
    expect(before).toBe(9);
    await press(page);
    expect(await page.evaluate(shows("said", "Yours until"))).toMatch(/\d/);
    await page.evaluate(shows("left", "8"));
  });

  test("greys its count while the server is away, and comes back with the book's", async () => {
    const [page, before] = await open();
    await server.kill();
    await page.evaluate(once(`left.style.opacity === "0.4"`));
    await server.start();
    await page.evaluate(once(`left.style.opacity === "1"`));
    await page.evaluate(shows("left", `${before}`));
  });

  test.each([401, 404])(
    "shows the counts to who is not logged in, and says that reserving needs it: %i",
    async (code) => {
      customer = null;
      nobody = code;
      const [page, before] = await open();
      expect(before).toBeGreaterThan(0);
      await press(page);
      await page.evaluate(shows("said", "log in"));
    },
  );

  test("says after a reload what is held, and takes no second one for another press", async () => {
    const [page, before] = await open();
    await press(page);
    await page.evaluate(shows("said", "Yours until"));
    await page.reload();
    await page.evaluate(shows("said", "Yours until"));
    expect(await page.evaluate("reserve.click(), reserve.disabled")).toBe(true);
    await page.evaluate(shows("left", `${before - 1}`));
  });

  test.each([
    ["the server says so", () => {}, () => {}],
    ["nobody says so", () => server.signal("SIGSTOP"), () => server.signal("SIGCONT")],
  ])("claims no hold that has run out: %s", async (_, silence, end) => {
    await server.api("PATCH", "/v1/rooms/evening", { hold_ms: 2_000 });
    const [page, before] = await open();
    await press(page);
    await page.evaluate(shows("said", "Yours until"));
    silence();
    await page.evaluate(once(`!said.textContent.includes("Yours")`));
    end();
    await page.evaluate(shows("left", `${before}`));
    await page.evaluate(enabled);
    await server.api("PATCH", "/v1/rooms/evening", { hold_ms: 0 });
  });

  test("asks again after a reload for what was not answered, once", async () => {
    const [page, before] = await open();
    await page.evaluate(enabled);
    server.signal("SIGSTOP");
    await press(page);
    expect(await page.evaluate(`Object.values(sessionStorage).join()`)).toContain('"sku":"TEA-001"');
    await page.reload();
    server.signal("SIGCONT");
    await page.evaluate(shows("said", "Yours until"));
    await page.evaluate(shows("left", `${before - 1}`));
    expect(await page.evaluate(`sessionStorage.length`)).toBe(0);
  });

  /** Press while the server says nothing, until the page gives up; resolves with the reservation's id. */
  async function unanswered(page: Tab): Promise<string> {
    await page.evaluate(enabled);
    server.signal("SIGSTOP");
    await press(page);
    const kept = JSON.parse(String(await page.evaluate(`Object.values(sessionStorage)[0]`)));
    await page.evaluate(shows("said", "press again"));
    server.signal("SIGCONT");
    return kept.made[0].id;
  }

  test("asks with the same id for what the server could not find out, so that it is taken once", async () => {
    policy = "{ sameIdAttemptsMax: 1 }";
    const [page, before] = await open();
    await page.evaluate(`${enabled}.then(() => {
      window.asked = [];
      const { send } = WebSocket.prototype;
      WebSocket.prototype.send = function (frame) { asked.push(JSON.parse(frame).id); send.call(this, frame); };
    })`);
    const end = stopEngine();
    await press(page);
    expect(await page.evaluate(shows("said", "press again"))).toContain("No answer yet");
    await press(page);
    await page.evaluate(once(`asked.length === 2 && said.textContent.includes("press again")`));
    end();
    const [first, second] = (await page.evaluate("asked")) as string[];
    expect(second).toBe(first);
    await page.evaluate(once(`said.textContent.includes("Yours until") || (reserve.click(), false)`));
    await page.evaluate(shows("left", `${before - 1}`));
    expect(new Set((await page.evaluate("asked")) as string[]).size).toBe(1);
  });

  test("asks for what was not answered again with its id, so that it is taken once", async () => {
    policy = "{ requestTimeoutMs: 2_000 }";
    const [page, before] = await open();
    await unanswered(page);
    await page.evaluate(`said.textContent.includes("Yours") || reserve.click()`);
    await page.evaluate(shows("said", "Yours until"));
    await page.evaluate(shows("left", `${before - 1}`));
  });

  test("forgets to ask again for one that was found to be held, and then paid", async () => {
    policy = "{ requestTimeoutMs: 2_000 }";
    const [page, before] = await open();
    const id = await unanswered(page);
    await page.evaluate(shows("left", `${before - 1}`));
    await server.api("POST", `/v1/pools/main/reservations/${id}/confirm`);
    await page.evaluate(once(`said.textContent === ""`));
    await press(page);
    await page.evaluate(shows("left", `${before - 2}`));
  });

  test("puts who was too late next, also over a reload, and leaves it to the next", async () => {
    await server.api("PATCH", "/v1/rooms/evening", { waitlist: true });
    const [page, before] = await open();
    const other = connect({ url: server.url, room, token: server.token("viewer", "zhao"), storage: null, WebSocket });
    onTestFinished(() => other.close());
    expect(await page.evaluate("wait.hidden && leave.hidden"), "there are some").toBe(true);
    const { id } = await other.reserve("TEA-001", before);
    await page.evaluate(`${once("!wait.hidden && !wait.disabled")}.then(() => wait.click())`);
    await page.evaluate(shows("said", "Among the 1 to 10 who wait"));
    await page.reload();
    await page.evaluate(shows("said", "Among the 1 to 10 who wait"));
    expect(await page.evaluate("wait.hidden && !leave.hidden")).toBe(true);
    await other.cancel(id);
    expect(await page.evaluate(shows("said", "It is your turn"))).toContain("Yours until");
    await page.evaluate(shows("left", `${before - 1}`));
    await page.evaluate("leave.click()");
    await page.evaluate(shows("left", `${before}`));
    await page.evaluate(once(`said.textContent === "" && leave.hidden && wait.hidden`));
    await server.api("PATCH", "/v1/rooms/evening", { waitlist: false });
  });

  test("does not take the shop's own error page for a token", async () => {
    const asked = new Promise<void>((resolve) => {
      refused = resolve;
    });
    const page = await browser.open(`${shopUrl}/product`);
    await asked;
    await page.evaluate(once(`/^\\d+$/.test(left.textContent)`));
  });

  test("says why where the browser hides the status: there is no such room", async () => {
    room = "nowhere";
    const page = await browser.open(`${shopUrl}/product`);
    expect(await page.evaluate(shows("said", "404"))).toContain("no such room");
  });
});
