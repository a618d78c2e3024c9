// Fails when the client has grown beyond what a shop's page, or an operator's, should have to load.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMITS_BYTES = { "dist/shelfcast.js": 8 * 1024, "dist/pool.js": 8 * 1024, "dist/backstage.js": 9 * 1024 };
for (const [file, limit] of Object.entries(LIMITS_BYTES)) {
  const bytes = gzipSync(readFileSync(file), { level: 9 }).length;
  process.stdout.write(`${file}: ${bytes} bytes gzipped, of ${limit}\n`);
  if (bytes > limit) process.exitCode = 1;
}
