/** The package as it is published, compiled by its consumers: strictly, and without trust in its declarations. */

import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const PACKAGE = here("..");
/** What a consumer has installed besides, and what these need in turn. */
const INSTALLED = ["@msgpack/msgpack", "@types/node", "@types/ws", "undici-types", "ws"];

let folder = "";
let packed = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "consumer-"));
  cpSync(here("consumer"), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  const modules = join(folder, "node_modules");
  for (const name of INSTALLED) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(PACKAGE, "node_modules", name), join(modules, name));
  }
  packed = join(modules, "@shelfcast", "client");
  mkdirSync(packed, { recursive: true });
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: PACKAGE,
  });
  const [{ filename }] = JSON.parse(stdout);
  await run("tar", ["xzf", join(folder, filename), "-C", packed, "--strip-components", "1"]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const consumers: [string, string, string[], string[]][] = ["typescript-oldest", "typescript"].flatMap((compiler) => [
  [compiler, "page", ["ES2022", "DOM", "DOM.Iterable"], []],
  [compiler, "node", ["ES2022"], ["node"]],
]);

test.each(consumers)("%s compiles %s.ts", async (compiler, consumer, lib, types) => {
  const compilerOptions = {
    target: "ES2022",
    module: "NodeNext",
    moduleResolution: "NodeNext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    lib,
    types,
  };
  const project = join(folder, `${compiler}-${consumer}.json`);
  writeFileSync(project, JSON.stringify({ compilerOptions, files: [`${consumer}.ts`] }));
  const tsc = join(PACKAGE, "node_modules", compiler, "bin", "tsc");
  const said = await run(process.execPath, [tsc, "-p", project]).catch((fault) => fault);
  expect(said.stdout).toBe("");
  expect(said.code).toBeUndefined();
});

test("Node loads it, with MessagePack and without", async () => {
  const program = `
    import { connect, Rejected } from "@shelfcast/client";
    import { msgpack } from "@shelfcast/client/msgpack";
    import { connectPool } from "@shelfcast/client/pool";
    console.log(typeof connect, typeof Rejected, msgpack.protocol, typeof connectPool);`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { cwd: folder });
  expect(stdout.trim()).toBe("function function shelfcast.v1.msgpack function");
});

test("its README's links lead to what it holds, and what else it names stands in the repository", () => {
  const readme = readFileSync(join(packed, "README.md"), "utf8");
  const links = [...readme.matchAll(/\]\((?!\w+:)([^)#]+)/g)].map(([, path]) => path as string);
  expect(links).toContain("examples/shop.html");
  expect(links.filter((path) => !existsSync(join(packed, path)))).toEqual([]);
  const named = [...readme.matchAll(/`((?:docs|tests)\/[^`\s]+)`/g)].map(([, path]) => path as string);
  expect(named).toContain("docs/protocol.md");
  expect(named.filter((path) => !existsSync(here(`../../../${path}`)))).toEqual([]);
});

test("it holds its licence", () => {
  const licence = readFileSync(here("../../../LICENSE"), "utf8");
  expect(readFileSync(join(packed, "LICENSE"), "utf8")).toBe(licence);
});
