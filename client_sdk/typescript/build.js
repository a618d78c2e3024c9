// Builds dist/: one minified ES module for pages and bundlers, MessagePack beside it, and the types.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { build } from "esbuild";

rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: { shelfcast: "src/index.ts", msgpack: "src/msgpack.ts" },
  outdir: "dist",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  external: ["@msgpack/msgpack"],
});
execFileSync("npx", ["tsc", "--emitDeclarationOnly"], { stdio: "inherit" });
