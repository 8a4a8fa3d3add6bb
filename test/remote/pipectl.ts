import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { projectRoot } from "../helpers/environment.js";

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** What the tests of remote servers leave behind: nothing outside of it. */
export const remoteFolder = join(projectRoot, ".pipectl", "remote-test");

/** Runs pipectl as a user of remote servers does; `env` is everything that it is told. */
export async function pipectl(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Outcome> {
  const stateDir = env.STATE_DIR ?? join(remoteFolder, "state");
  mkdirSync(stateDir, { recursive: true });
  const start = performance.now();
  // Vitest has a MODE of its own in the environment, and a shell may have our keys.
  const { PATH = "", HOME = "", JAVA_HOME } = process.env;
  const result = await execa(process.execPath, [join(projectRoot, "dist", "cli.js"), ...args], {
    reject: false,
    extendEnv: false,
    env: { PATH, HOME, ...(JAVA_HOME === undefined ? {} : { JAVA_HOME }), STATE_DIR: stateDir, ...env },
    stdin: "ignore",
  });
  const seconds = (performance.now() - start) / 1000;
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr, seconds };
}

/** Like `pipectl`, and the command must succeed; returns its JSON. */
export async function pipectlJson<T>(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<T> {
  const { exitCode, stdout, stderr } = await pipectl(env, ...args, "--json");
  if (exitCode !== 0)
    throw new Error(`pipectl ${args.join(" ")} ended with ${exitCode}\n${stdout}\n${stderr}`);
  return JSON.parse(stdout) as T;
}
