import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Every HTML file here is a page.
const pages = readdirSync(here(".")).filter((name) => name.endsWith(".html"));

/** No library may bring it either: it hooks into Preact in its own way, over which shared/wholeText.ts keeps no text whole. */
const noCompat = {
  name: "no-preact-compat",
  enforce: "pre",
  resolveId(name: string, importer?: string) {
    if (/^(preact\/compat|react|react-dom)(\/|$)/.test(name)) throw new Error(`${importer} imports ${name}`);
  },
} as const;

export default defineConfig({
  plugins: [noCompat],
  // Where the server serves what is built (server/shelfcast/http/built_pages.py).
  base: "/static/",
  resolve: {
    // The longer name first: the first that a name begins with is taken.
    alias: {
      "@shelfcast/client/backstage": here("../../client_sdk/typescript/src/backstage.ts"),
      "@shelfcast/client/pool": here("../../client_sdk/typescript/src/pool.ts"),
      "@shelfcast/client": here("../../client_sdk/typescript/src/index.ts"),
    },
    // The SDK lies outside this folder; what both import must be one copy.
    dedupe: ["preact", "@preact/signals"],
  },
  build: {
    outDir: here("../shelfcast/http/pages/static"),
    emptyOutDir: true,
    target: "es2022",
    // The Content-Security-Policy admits no data: addresses, so nothing is put inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: pages.map((name) => here(name)) },
  },
  // `npm run dev` beside a server on its usual port.
  server: {
    proxy: { "/v1": { target: "http://127.0.0.1:8000", ws: true } },
  },
  test: { include: ["src/**/*.test.ts"] },
});
