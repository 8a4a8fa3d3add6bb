import { spawn } from "node:child_process";
import { cp, mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { inject } from "vitest";
import { stackProcesses } from "../../src/runtime/jvm/processes.js";
import { projectRoot, type StackEnvironment } from "./environment.js";
import { catalogClient, tableIds } from "./iceberg.js";
import { deleteTopic } from "./kafka.js";

declare module "vitest" {
  export interface ProvidedContext {
    stack: StackEnvironment;
  }
}

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs pipectl the way a user does, as a process of its own, against the tests' stack. */
export async function pipectl(
  args: readonly string[],
  options: {
    readonly env?: Record<string, string>;
    readonly root?: string;
    readonly input?: string | Buffer;
  } = {},
): Promise<Outcome> {
  const result = await execa(
    process.execPath,
    [join(options.root ?? projectRoot, "dist", "cli.js"), ...args],
    {
      reject: false,
      env: { ...inject("stack"), ...options.env },
      ...(options.input === undefined ? { stdin: "ignore" } : { input: options.input }),
    },
  );
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** Like `pipectl`, and the command must succeed; returns its JSON. */
export async function pipectlJson<T>(
  args: readonly string[],
  options: Parameters<typeof pipectl>[1] = {},
): Promise<T> {
  const { exitCode, stdout, stderr } = await pipectl([...args, "--json"], options);
  if (exitCode !== 0)
    throw new Error(`pipectl ${args.join(" ")} ended with ${exitCode}\n${stdout}\n${stderr}`);
  return JSON.parse(stdout) as T;
}

/**
 * Starts pipectl, sends SIGINT (or does what `act` does) as soon as its progress (or its result) shows `sign`, and waits
 * for its end.
 */
export async function interrupted(
  args: readonly string[],
  sign: RegExp,
  how: {
    readonly act?: () => Promise<void>;
    readonly env?: Readonly<Record<string, string>>;
    readonly of?: "stdout" | "stderr";
    readonly signal?: NodeJS.Signals;
    readonly root?: string;
  } = {},
): Promise<Outcome & { seen: boolean }> {
  const { act, of = "stderr", signal = "SIGINT" } = how;
  const child = spawn(process.execPath, [join(how.root ?? projectRoot, "dist", "cli.js"), ...args], {
    env: { ...process.env, ...inject("stack"), ...how.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let seen = false;
  let acting = Promise.resolve();
  const look = () => {
    if (seen || !sign.test(of === "stderr" ? stderr : stdout)) return;
    seen = true;
    if (act === undefined) child.kill(signal);
    else acting = act();
    // Judged below, when the program has ended.
    acting.catch(() => {});
  };
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
    look();
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
    look();
  });
  const exitCode = await new Promise<number | undefined>((resolve) =>
    child.once("close", (code) => resolve(code ?? undefined)),
  );
  await acting;
  return { exitCode, stdout, stderr, seen };
}

/** Kills services of the tests' stack; all of them when none is named. */
export async function killServices(...names: readonly string[]): Promise<void> {
  for (const { name, pid } of await stackProcesses(inject("stack").STATE_DIR as string)) {
    if (names.length === 0 || names.includes(name)) process.kill(pid, "SIGKILL");
  }
}

/** A new stack: other processes, no topic, no table. Jars stay resolved. */
export async function freshStack(): Promise<void> {
  for (const args of [["down", "--volumes"], ["up"], ["create-topics"]]) {
    const { exitCode, stderr } = await pipectl(args);
    if (exitCode !== 0) throw new Error(`pipectl ${args.join(" ")} ended with ${exitCode}\n${stderr}`);
  }
}

/** An empty topic and no tables, on whatever stack the last test has left: quicker than a new one, and Flink stays warm. */
export async function emptyStack(): Promise<void> {
  await pipectlJson(["up"]);
  // Of the last test's jobs nobody is to make conclusions.
  await rm(join(inject("stack").STATE_DIR as string, "runs"), { recursive: true, force: true });
  await freshTopic();
}

/** The same where the stack is known to run. */
export async function freshTopic(): Promise<void> {
  await deleteTopic("taxi.raw_trips");
  for (const id of Object.values(tableIds)) await catalogClient().dropTable(id);
  await pipectlJson(["create-topics"]);
}

/** A copy of the project in another folder, to change templates or manifests in. Shares packages and the build. */
export async function projectCopy(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of ["templates", "datasets", "flink", "package.json", "dist"]) {
    await cp(join(projectRoot, name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.includes("/target"),
    });
  }
  await symlink(join(projectRoot, "node_modules"), join(folder, "node_modules")).catch(() => {});
  return folder;
}
