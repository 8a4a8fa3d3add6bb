import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { build } from "esbuild";
import { execa } from "execa";
import { alternate, line, median } from "../measure.mjs";
import { root, seconds } from "../stack.mjs";

const folder = join(root, ".pipectl", "bench-remote");
const roundTripMs = 50;

/** What the way to servers far away costs: calls that wait for each other would add up. */
export async function remote(rounds) {
  const stop = await farServers();
  try {
    const env = { STATE_DIR: join(folder, "state"), SUBMIT_VIA: "gateway", NODE: process.execPath };
    // The shell reads the file, whose passwords are written for one.
    const program = `set -a; . ${join(folder, "s3.env")}; set +a; exec "$NODE" ${join(root, "dist", "cli.js")} "$@" -q`;
    const pipectl = (...args) => execa("sh", ["-c", program, "sh", ...args], { env });
    for (const args of [["create-topics"], ["generate-limited"], ["process"]]) await pipectl(...args);
    const ways = {
      validate: () => seconds(() => pipectl("validate")),
      "check-lag": () => seconds(() => pipectl("check-lag")),
    };
    for (const measure of Object.values(ways)) await measure();
    const figures = await alternate(rounds * 3, ways);
    return [
      line(
        `validate, servers ${roundTripMs} ms away`,
        median(figures.validate),
        { most: 3, unit: " s" },
        figures,
      ),
      line(
        `check-lag, servers ${roundTripMs} ms away`,
        median(figures["check-lag"]),
        { most: 1.5, unit: " s" },
        figures,
      ),
    ];
  } finally {
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The servers of the tests, with credentials, each behind a proxy that takes its time; they end with this process. @returns how to stop them */
async function farServers() {
  const program = join(root, "build", "rig", "main.mjs");
  await build({
    entryPoints: [join(root, "test", "remote", "rig", "main.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  await rm(folder, { recursive: true, force: true });
  const rig = execa(process.execPath, [program, folder, JSON.stringify({ roundTripMs })]);
  let ended = false;
  rig
    .catch(() => {})
    .then(() => {
      ended = true;
    });
  while (!existsSync(join(folder, "s3.env"))) {
    if (ended) await rig;
    await delay(200);
  }
  return async () => {
    rig.kill();
    await rig.catch(() => {});
  };
}
