import { spawn } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inject, vi } from "vitest";
import { stackProcesses } from "../../src/runtime/jvm/processes.js";
import { killServices } from "./stack.js";

const services = ["jobmanager", "taskmanager-1", "gateway"];

/**
 * Flink's processes of the tests' stack once more, with the settings of somebody else's cluster: in the file of its settings, where
 * pipectl writes only its own. `pipectl restart` makes it pipectl's again.
 */
export async function restartFlinkWith(settings: Readonly<Record<string, string>>): Promise<void> {
  const { STATE_DIR: home = "", FLINK_PORT, GATEWAY_PORT } = inject("stack");
  const running = async () =>
    (await stackProcesses(home)).filter(({ name }) => services.includes(name)).map(({ pid }) => pid);
  const starts = (await running()).map((pid) => [words(pid, "cmdline"), words(pid, "environ")] as const);
  await killServices(...services);
  await vi.waitUntil(async () => (await running()).length === 0, { timeout: 20_000 });
  const lines = Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
  appendFileSync(join(home, "conf", "config.yaml"), lines.join(""));
  for (const [[file = "", ...args], environment] of starts) {
    const env = Object.fromEntries(environment.map((one) => one.split(/=(.*)/s)));
    spawn(file, args, { env, cwd: home, detached: true, stdio: "ignore" }).unref();
  }
  const says = async (url: string) => await fetch(`http://127.0.0.1:${url}`).then((answer) => answer.text());
  const up = async () =>
    (await says(`${FLINK_PORT}/taskmanagers`)).includes("freeSlots") &&
    (await says(`${GATEWAY_PORT}/v1/info`));
  await vi.waitUntil(async () => await up().catch(() => false), { timeout: 60_000, interval: 200 });
}

/** What the system has of a process: its command line, or its environment. */
const words = (pid: number, what: "cmdline" | "environ") =>
  readFileSync(`/proc/${pid}/${what}`, "utf8").split("\0").slice(0, -1);
