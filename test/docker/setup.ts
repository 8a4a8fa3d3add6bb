import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { TestProject } from "vitest/node";
import { projectRoot, type StackEnvironment, stackEnvironment } from "../helpers/environment.js";

declare module "vitest" {
  export interface ProvidedContext {
    /** Why the Docker suite cannot run here; empty when it can. */
    skipped: string;
  }
}

/** One stack in containers for all files, with a project, ports, settings and a state of its own. Nothing of it stays. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const found = await execa("docker", ["version", "--format", "{{.Server.Version}}"], { reject: false });
  const compose = await execa("docker", ["compose", "version"], { reject: false });
  const [why = ""] = [found, compose]
    .filter(({ exitCode }) => exitCode !== 0)
    .map(({ stderr, shortMessage }) => stderr || shortMessage || "");
  project.provide("skipped", why);
  const stateDir = join(projectRoot, ".pipectl", "docker-test");
  const environment: StackEnvironment = {
    ...(await stackEnvironment(stateDir)),
    RUNTIME: "docker",
    COMPOSE_PROJECT_NAME: "pipectl-test",
    UP_TIMEOUT: "240s",
  };
  project.provide("stack", environment);
  if (why !== "") {
    process.stdout.write(`\nskipped: the Docker suite needs a Docker engine and Compose v2: ${why}\n`);
    return async () => {};
  }
  rmSync(stateDir, { recursive: true, force: true });
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(join(stateDir, "env"), "# of the tests\nS3_ACCESS_KEY=\n", { mode: 0o644 });
  const run = async (...args: string[]) =>
    await execa(
      process.execPath,
      [join(projectRoot, "dist", "cli.js"), ...args, "--env-file", join(stateDir, "env")],
      { env: environment, reject: false },
    );
  // What a killed run of the tests may have left.
  await run("down", "--volumes");
  const { exitCode, stderr } = await run("up");
  const down = async () => void (await run("down", "--volumes"));
  if (exitCode !== 0) {
    await down();
    throw new Error(`the stack did not start:\n${stderr}`);
  }
  return down;
}
