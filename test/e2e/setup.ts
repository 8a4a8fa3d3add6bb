import { rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { TestProject } from "vitest/node";
import { projectRoot, stackEnvironment } from "../helpers/environment.js";

/** One stack for all end-to-end files, on free ports, with its state apart from the user's. Nothing of it stays. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stateDir = join(projectRoot, ".pipectl", "e2e");
  const environment = await stackEnvironment(stateDir);
  const run = async (...args: string[]) =>
    await execa(process.execPath, [join(projectRoot, "dist", "cli.js"), ...args], {
      env: environment,
      reject: false,
    });
  // What a killed run of the tests may have left.
  await run("down", "--volumes");
  const { exitCode, stderr } = await run("up");
  if (exitCode !== 0) throw new Error(`the stack did not start:\n${stderr}`);
  project.provide("stack", environment);
  return async () => {
    await run("down", "--volumes");
    await rm(join(stateDir, "data"), { recursive: true, force: true });
  };
}
