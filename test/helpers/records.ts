import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { inject } from "vitest";
import { projectRoot } from "./environment.js";

/**
 * Sends records, so many a second, until it is stopped; begins anew when the broker was away for too long.
 *
 * @returns stops it
 */
export function steadyRecords(rate: number): () => Promise<void> {
  let stopped = false;
  let number = 0;
  let child: ReturnType<typeof spawn> | undefined;
  const run = (async () => {
    while (!stopped) {
      const args = ["generate", "--mode", "realtime", "--rate", String(rate), "--seed", String(++number)];
      child = spawn(
        process.execPath,
        [join(projectRoot, "dist", "cli.js"), ...args, "--malformed", "0.01", "--duplicates", "0.01"],
        {
          env: { ...process.env, ...inject("stack") },
          stdio: "ignore",
        },
      );
      await new Promise((resolve) => child?.once("close", resolve));
      if (!stopped) await delay(500);
    }
  })();
  return async () => {
    stopped = true;
    child?.kill("SIGINT");
    await run;
  };
}
