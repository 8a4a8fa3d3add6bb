import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type RigOptions, startRig } from "./index.js";

/*
 * The rig by hand, until Ctrl-C:
 *
 *   npx esbuild test/remote/rig/main.ts --bundle --platform=node --format=esm --packages=external --outfile=build/rig/main.mjs
 *   node build/rig/main.mjs FOLDER [OPTIONS as JSON]
 *
 * and, as soon as FOLDER/s3.env is there, in another shell: set -a; . FOLDER/s3.env; dist/cli.js up
 */
const folder = resolve(process.argv[2] ?? ".pipectl/rig/by-hand");
const options = JSON.parse(process.argv[3] ?? "{}") as RigOptions;
const start = performance.now();
const rig = await startRig(folder, options);
const ready = ((performance.now() - start) / 1000).toFixed(1);
const quoted = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;
for (const kind of options.warehouses ?? ["s3" as const]) {
  const lines = Object.entries(rig.lake(kind).environment).map(([key, value]) => `${key}=${quoted(value)}\n`);
  writeFileSync(join(folder, `${kind}.env`), lines.join(""), { mode: 0o600 });
}
process.stdout.write(
  `ready after ${ready} s; Kafka without credentials on ${rig.kafka.plain}, with a client certificate on ${rig.kafka.ssl}\n`,
);
process.once("SIGINT", () => void rig.stop().then(() => process.exit(0)));
process.once("SIGTERM", () => void rig.stop().then(() => process.exit(0)));
