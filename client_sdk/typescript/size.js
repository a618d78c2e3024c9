// Fails when the client has grown beyond what a shop's page should have to load.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_BYTES = 8 * 1024;
const bytes = gzipSync(readFileSync("dist/shelfcast.js"), { level: 9 }).length;
process.stdout.write(`dist/shelfcast.js: ${bytes} bytes gzipped, of ${LIMIT_BYTES}\n`);
process.exitCode = bytes > LIMIT_BYTES ? 1 : 0;
