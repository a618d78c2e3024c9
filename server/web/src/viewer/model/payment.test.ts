import { afterEach, describe, expect, it, vi } from "vitest";
import { payForShow } from "./payment";

/** A server that gives this answer, and what it was asked. */
function serve(answer: () => Response | Promise<Response>) {
  const fetch = vi.fn(async (_address: string, _request: RequestInit) => answer());
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

const refusing = (status: number, problem: unknown) => () => new Response(JSON.stringify(problem), { status });
const pay = () => payForShow("evening", "r-1", "a.b.c");

afterEach(() => void vi.unstubAllGlobals());

describe("a payment for show", () => {
  it("is made where the server says so, and for that hold", async () => {
    const fetch = serve(() => new Response("{}", { status: 200 }));
    expect(await payForShow("the evening", "r/1", "a.b.c")).toEqual({ paid: true });
    const [address, request] = fetch.mock.calls[0] ?? [];
    expect(address).toBe("/v1/rooms/the%20evening/reservations/r%2F1/demo-payment");
    expect(request).toMatchObject({ method: "POST", headers: { "Shelfcast-Token": "a.b.c" } });
  });

  it.each([401, 403, 404, 409, 422, 503])("that is refused with %d is none", async (status) => {
    serve(refusing(status, { code: "SOME_CODE", detail: "Not this time.", title: "Refused" }));
    expect(await pay()).toEqual({ paid: false, code: "SOME_CODE", message: "Not this time." });
  });

  it("that is refused is told in the words of the server, by its title or code at least", async () => {
    serve(refusing(409, { code: "SOME_CODE", title: "Refused" }));
    expect(await pay()).toMatchObject({ paid: false, message: "Refused" });
    serve(refusing(409, { code: "SOME_CODE" }));
    expect(await pay()).toMatchObject({ paid: false, message: "SOME_CODE" });
  });

  it("of which nothing is known is neither made nor refused", async () => {
    const unknown = { paid: false, code: null };
    serve(() => Promise.reject(new TypeError("no connection")));
    expect(await pay()).toEqual(unknown);
    serve(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect(await pay()).toEqual(unknown);
    serve(refusing(500, { title: "Fault" }));
    expect(await pay()).toEqual(unknown);
  });

  it("without a token is asked for without one", async () => {
    const fetch = serve(() => new Response("{}", { status: 200 }));
    await payForShow("evening", "r-1", "");
    expect(fetch.mock.calls[0]?.[1].headers).toEqual({});
  });
});
