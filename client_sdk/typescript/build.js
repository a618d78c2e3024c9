// Builds dist/: one minified ES module for pages and bundlers, MessagePack beside it, and the types.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { build } from "rolldown";

rmSync("dist", { recursive: true, force: true });
// Each by itself: what two of them share is in both, so that a page loads one file.
for (const input of [
  { shelfcast: "src/index.ts", msgpack: "src/msgpack.ts" },
  { pool: "src/pool.ts" },
  { backstage: "src/backstage.ts" },
])
  await build({
    input,
    external: ["@msgpack/msgpack"],
    transform: { target: "es2022" },
    output: { dir: "dist", format: "esm", minify: true, comments: { annotation: false }, sourcemap: true },
    logLevel: "warn",
  });
execFileSync("npx", ["tsc", "--emitDeclarationOnly"], { stdio: "inherit" });
