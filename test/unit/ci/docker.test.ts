import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, describe, expect, it, vi } from "vitest";
import { root, temporaryFolder } from "../../helpers/folder.js";
import { fakePrograms } from "../../helpers/programs.js";

const folder = temporaryFolder();
const programs = fakePrograms();
const others: ChildProcess[] = [];
afterEach(() => {
  for (const one of others.splice(0)) one.kill("SIGKILL");
});
const runs = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A project whose neighbour starts an engine: a program of that name that sleeps. */
function project(standins?: string) {
  const beside = mkdtempSync(join(folder, "beside-"));
  const own = join(beside, "project");
  const engine = join(beside, "dockerd");
  mkdirSync(join(own, ".ci"), { recursive: true });
  copyFileSync(join(root, ".ci", "docker"), join(own, ".ci", "docker"));
  copyFileSync("/bin/sleep", engine);
  if (standins !== undefined) {
    mkdirSync(join(beside, "shared", "docker-standins"), { recursive: true });
    writeFileSync(join(beside, "shared", "docker-standins", "setup.sh"), `#!/bin/sh\n${standins}\n`, {
      mode: 0o755,
    });
  }
  const docker = async (does: string, command: string) => {
    const PATH = `${programs({ docker: does })}:${process.env.PATH}`;
    return await execa(join(own, ".ci", "docker"), [command], { env: { PATH }, cwd: own, reject: false });
  };
  return { beside, engine, docker };
}
const started = `${"$"}(dirname "$0")/../../dockerd 60 >/dev/null 2>&1 & echo $!`;

// Processes are told apart by their environment, which only Linux shows.
describe.runIf(existsSync("/proc/self/environ"))("the Docker engine of the tests", () => {
  it("is ended when it was started here, and another one that runs meanwhile is not", async () => {
    const { engine, docker } = project(started);
    const other = spawn(engine, ["60"], { stdio: "ignore" });
    others.push(other);
    const { exitCode, stdout } = await docker("exit 0", "start");
    expect(exitCode).toBe(0);
    const pid = Number(stdout);
    expect(runs(pid)).toBe(true);
    expect((await docker("exit 0", "stop")).exitCode).toBe(0);
    await vi.waitUntil(() => !runs(pid));
    expect(runs(other.pid as number)).toBe(true);
    expect((await docker("exit 0", "stop")).exitCode).toBe(0);
  });

  it("is ended, too, when its start failed half way", async () => {
    const { docker } = project(`${started}; exit 4`);
    const { exitCode, stdout } = await docker("exit 0", "start");
    expect(exitCode).toBe(1);
    expect(runs(Number(stdout))).toBe(true);
    await docker("exit 0", "stop");
    await vi.waitUntil(() => !runs(Number(stdout)));
  });

  it("cannot be had where none runs and nothing makes one", async () => {
    const { docker } = project();
    const { exitCode, stdout } = await docker("exit 1", "start");
    expect([exitCode, stdout]).toEqual([3, "there is no Docker engine with Compose v2"]);
    expect((await docker("exit 0", "start")).exitCode).toBe(0);
  });
});
