import { existsSync } from "node:fs";
import { access, constants } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { dirname } from "node:path";
import type { Config } from "../../config/load.js";
import { systemError } from "../../core/errors.js";
import { run } from "../../core/exec.js";
import { type Finding, finding } from "../../core/finding.js";
import { bytes } from "../../core/format.js";
import { findJava, javaEnvironment } from "../jvm/java.js";
import { stackProcesses } from "../jvm/processes.js";
import { portsFinding, portsOf } from "../ports.js";
import { leastFreeBytes } from "../runtime.js";
import { foldersOf } from "./conf.js";
import { disksBelow } from "./disks.js";
import { portRequests, type ServiceSpec } from "./services.js";

const GB = 1e9;
/**
 * A shell's usual limit of 1024 is too low: after one run the gateway's JVM had opened 1,155 jars (its counter
 * `sun.zip.zipFiles`).
 */
const leastFiles = 2048;

/** Checks what the local runtime needs of this machine, with a finding for each. Changes nothing. */
export async function diagnoseLocal(config: Config, specs: readonly ServiceSpec[]): Promise<Finding[]> {
  return await Promise.all([
    finding("Java", async () => {
      const java = await findJava(config.environment);
      return { status: "ok", detail: `Java ${java.major} (${java.file})` };
    }),
    finding("Maven", async () => {
      const result = await run("mvn", ["--version"], {
        env: javaEnvironment(config.environment),
        timeoutMs: 30_000,
      });
      const version = /Apache Maven ([\d.]+)/.exec(result.stdout)?.[1];
      if (version === undefined) {
        return { status: "problem", detail: `mvn --version failed: ${result.stderr.split("\n")[0]}` };
      }
      return { status: "ok", detail: `Maven ${version}` };
    }),
    finding("Memory", async () => {
      const need = 3 * GB + config.values.TASK_HEAP_MB * 1e6;
      const detail = `${bytes(totalmem())}, ${bytes(freemem())} free; the stack may take ${bytes(need)}`;
      if (totalmem() >= need) return { status: "ok", detail };
      return { status: "warning", detail, hint: "lower TASK_HEAP_MB in .env" };
    }),
    finding("Folders", async () => {
      const { state, warehouse, checkpoints, kafka, catalog } = foldersOf(config.stateDir);
      for (const folder of [state, warehouse, checkpoints, kafka, catalog]) await requireWritable(folder);
      return { status: "ok", detail: `${config.stateDir} can be written` };
    }),
    finding("Open files", async () => {
      const { stdout } = await run("sh", ["-c", "ulimit -n"], { timeoutMs: 10_000 });
      const detail = `at most ${stdout} in one process`;
      if (stdout === "unlimited" || Number(stdout) >= leastFiles) return { status: "ok", detail };
      return { status: "problem", detail, hint: `ulimit -n ${leastFiles}` };
    }),
    finding("Disk", async () => {
      const disks = await disksBelow(existsSync(config.stateDir) ? config.stateDir : config.root);
      const short = disks.filter(({ freeBytes }) => freeBytes < leastFreeBytes);
      const detail = (short.length > 0 ? short : disks.slice(0, 1))
        .map(({ path, freeBytes }) => `${bytes(freeBytes)} free for ${path}`)
        .join(", ");
      if (short.length === 0) return { status: "ok", detail };
      const hint = `free at least ${bytes(leastFreeBytes)}, or set STATE_DIR to another disk`;
      return { status: "problem", detail, hint };
    }),
    portsFinding(async () => {
      const running = new Set((await stackProcesses(config.stateDir)).map((process) => process.name));
      return portRequests(
        specs.filter((spec) => !running.has(spec.name)),
        portsOf(config.values),
      );
    }),
  ]);
}

/** Checks the folder, or its nearest existing parent. @throws PipectlError (unavailable) `not_writable` */
async function requireWritable(folder: string): Promise<void> {
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  try {
    // With the slash, a file in place of the folder is refused as well.
    await access(`${there}/`, constants.W_OK);
  } catch (error) {
    throw systemError(error);
  }
}
