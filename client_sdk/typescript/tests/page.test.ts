/** The built file and the example page in a real browser, at an address other than the server's. */

import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
        "/live-token": () => ["text/plain", server.token("viewer", "wang")],
      };
      const [type, body] = files[request.url ?? ""]?.() ?? ["text/plain", ""];
      if (request.url === "/live-token" && refused) {
        response.statusCode = 500;
        refused();
        refused = null;
      }
      response.setHeader("Content-Type", `${type}; charset=utf-8`).end(body);
    });
    await new Promise<void>((resolve) => shop.listen(0, "127.0.0.1", resolve));
    shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
    server = await new Server({ ALLOWED_ORIGINS: shopUrl }).start();
    await server.openShop({ "MUG-01": 5 });
    browser = await new Browser().start();
  });

  afterAll(async () => {
    await browser?.stop();
    shop?.close();
    await server?.stop();
  });

  /** Resolves once the page shows it. */
  const shows = (id: string, text: string) => `new Promise((resolve) => {
    const look = () => {
      const shown = document.getElementById("${id}")?.textContent ?? "";
      if (shown.includes(${JSON.stringify(text)})) resolve(shown);
      else requestAnimationFrame(look);
    };
    look();
  })`;

  test("sells, shows the count, and follows it", async () => {
    const page = await browser.open(`${shopUrl}/product`);
    await page.evaluate(shows("left", "5"));
    await page.evaluate(`document.getElementById("reserve").click()`);
    expect(await page.evaluate(shows("said", "Yours until"))).toMatch(/\d/);
    await page.evaluate(shows("left", "4"));
  });

  test("greys its count while the server is away, and comes back with the book's", async () => {
    const page = await browser.open(`${shopUrl}/product`);
    await page.evaluate(shows("left", "4"));
    await server.kill();
    const opacity = (value: string) => `new Promise((resolve) => {
      const look = () => document.getElementById("left").style.opacity === "${value}" ? resolve() : requestAnimationFrame(look);
      look();
    })`;
    await page.evaluate(opacity("0.4"));
    await server.start();
    await page.evaluate(opacity("1"));
    await page.evaluate(shows("left", "4"));
  });

  test("asks again after a reload for what was not answered, once", async () => {
    const page = await browser.open(`${shopUrl}/product`);
    await page.evaluate(shows("left", "4"));
    server.signal("SIGSTOP");
    await page.evaluate(`document.getElementById("reserve").click()`);
    expect(await page.evaluate(`Object.values(sessionStorage).join()`)).toContain('"sku":"MUG-01"');
    await page.reload();
    server.signal("SIGCONT");
    await page.evaluate(shows("said", "Yours until"));
    await page.evaluate(shows("left", "3"));
    expect(await page.evaluate(`sessionStorage.length`)).toBe(0);
  });

  /** Press while the server says nothing, until the page gives up; resolves with the reservation's id. */
  async function unanswered(page: Tab): Promise<string> {
    server.signal("SIGSTOP");
    await page.evaluate(`document.getElementById("reserve").click()`);
    const kept = JSON.parse(String(await page.evaluate(`Object.values(sessionStorage)[0]`)));
    await page.evaluate(shows("said", "No answer yet"));
    server.signal("SIGCONT");
    return kept.made[0].id;
  }

  test("asks for what was not answered again with its id, so that it is taken once", async () => {
    policy = "{ requestTimeoutMs: 2_000 }";
    const page = await browser.open(`${shopUrl}/product`);
    await page.evaluate(shows("left", "3"));
    await unanswered(page);
    await page.evaluate(`document.getElementById("reserve").click()`);
    await page.evaluate(shows("said", "Yours until"));
    await page.evaluate(shows("left", "2"));
    await page.evaluate(`document.getElementById("reserve").click()`);
    await page.evaluate(shows("left", "1"));
  });

  test("says of one that was paid meanwhile that it is paid", async () => {
    const page = await browser.open(`${shopUrl}/product`);
    await page.evaluate(shows("left", "1"));
    const id = await unanswered(page);
    await page.evaluate(shows("left", "0"));
    await server.api("POST", `/v1/pools/main/reservations/${id}/confirm`);
    await page.evaluate(`document.getElementById("reserve").click()`);
    expect(await page.evaluate(shows("said", "Paid"))).toBe("Paid");
  });

  test("does not take the shop's own error page for a token", async () => {
    const asked = new Promise<void>((resolve) => {
      refused = resolve;
    });
    const page = await browser.open(`${shopUrl}/product`);
    await asked;
    await page.evaluate(shows("left", "0"));
  });

  test("says why where the browser hides the status: there is no such room", async () => {
    room = "nowhere";
    const page = await browser.open(`${shopUrl}/product`);
    expect(await page.evaluate(shows("said", "404"))).toContain("no such room");
  });
});
