// Builds dist/: one minified ES module for pages and bundlers, MessagePack beside it, and the types.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { build } from "rolldown";

rmSync("dist", { recursive: true, force: true });
await build({
  input: { shelfcast: "src/index.ts", msgpack: "src/msgpack.ts" },
  external: ["@msgpack/msgpack"],
  transform: { target: "es2022" },
  output: { dir: "dist", format: "esm", minify: true, comments: { annotation: false }, sourcemap: true },
  logLevel: "warn",
});
execFileSync("npx", ["tsc", "--emitDeclarationOnly"], { stdio: "inherit" });
