import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type DetachedProcess, startDetached } from "../../../../src/core/exec.js";
import { marker, stackProcesses, stopProcesses } from "../../../../src/runtime/jvm/processes.js";
import { temporaryFolder } from "../../../helpers/folder.js";

const folder = temporaryFolder("pipectl state ");
const never = new AbortController().signal;
const started: DetachedProcess[] = [];

const gentle = "setInterval(() => {}, 1000)";
const stubborn = `process.on("SIGTERM", () => {}); ${gentle}`;

/** A program with the arguments that every JVM of ours begins with; resolves when `ps` shows it. */
async function start(name: string, stateDir: string, script = gentle): Promise<DetachedProcess> {
  mkdirSync(stateDir, { recursive: true });
  const args = ["-e", script, "--", ...marker(name, stateDir), `@${join(stateDir, "conf", `${name}.args`)}`];
  const child = startDetached(process.execPath, args, {
    outputFile: join(folder, "out"),
    cwd: folder,
    env: { PATH: process.env.PATH },
  });
  started.push(child);
  await expect.poll(async () => (await stackProcesses(stateDir)).map(({ pid }) => pid)).toContain(child.pid);
  return child;
}

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const { pid } of started) {
    try {
      process.kill(pid as number, "SIGKILL");
    } catch {
      // It has ended: that was the test.
    }
  }
  await Promise.all(started.splice(0).map(({ ended }) => ended));
});

describe("stackProcesses", () => {
  it("finds the processes of one state folder, spaces in its path or not, and of no other", async () => {
    const [mine, other] = [join(folder, "my state"), join(folder, "my state 2")];
    const kafka = await start("kafka", mine);
    const manager = await start("taskmanager-1", mine);
    await start("kafka", other);
    const found = await stackProcesses(mine);
    expect(found.map(({ pid, name }) => [pid, name])).toEqual(
      expect.arrayContaining([
        [kafka.pid, "kafka"],
        [manager.pid, "taskmanager-1"],
      ]),
    );
    expect(found).toHaveLength(2);
    for (const { memoryBytes } of found) expect(memoryBytes).toBeGreaterThan(1_000_000);
    expect(await stackProcesses(join(folder, "my"))).toEqual([]);
  });

  it("does not find one that has ended", async () => {
    const stateDir = join(folder, "ended");
    const child = await start("kafka", stateDir);
    process.kill(child.pid as number, "SIGKILL");
    await child.ended;
    expect(await stackProcesses(stateDir)).toEqual([]);
  });

  it("finds those of a folder whose path is not ASCII, in any locale", async () => {
    vi.stubEnv("LC_ALL", "C");
    const stateDir = join(folder, "données");
    const child = await start("kafka", stateDir);
    expect((await stackProcesses(stateDir)).map(({ pid }) => pid)).toEqual([child.pid]);
  });
});

describe("stopProcesses", () => {
  it("asks first, and returns when they are gone", async () => {
    const stateDir = join(folder, "gentle");
    const children = [await start("kafka", stateDir), await start("catalog", stateDir)];
    await stopProcesses(stateDir, await stackProcesses(stateDir), never);
    expect(await stackProcesses(stateDir)).toEqual([]);
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual(["SIGTERM", "SIGTERM"]);
  });

  it("kills one that does not listen, after its grace", async () => {
    const stateDir = join(folder, "stubborn");
    const child = await start("kafka", stateDir, `${stubborn}; require("fs").writeFileSync("ready", "")`);
    await stopProcesses(stateDir, await stackProcesses(stateDir), never, 300);
    expect(await stackProcesses(stateDir)).toEqual([]);
    expect(await child.ended).toMatch(/^SIG(KILL|TERM)$/);
  });

  it("leaves processes alone that it was not given", async () => {
    const stateDir = join(folder, "half");
    const kafka = await start("kafka", stateDir);
    const catalog = await start("catalog", stateDir);
    const given = (await stackProcesses(stateDir)).filter(({ name }) => name === "kafka");
    await stopProcesses(stateDir, given, never);
    expect((await stackProcesses(stateDir)).map(({ pid }) => pid)).toEqual([catalog.pid]);
    expect(await kafka.ended).toBe("SIGTERM");
  });

  it("does not mind one that has ended meanwhile, nor an empty list", async () => {
    const stateDir = join(folder, "gone");
    const child = await start("kafka", stateDir);
    const found = await stackProcesses(stateDir);
    process.kill(child.pid as number, "SIGKILL");
    await child.ended;
    await stopProcesses(stateDir, found, never);
    await stopProcesses(stateDir, [], never);
  });

  it("stops waiting when it is aborted, and kills nothing", async () => {
    const stateDir = join(folder, "aborted");
    await start("kafka", stateDir, stubborn);
    const found = await stackProcesses(stateDir);
    const reason = new Error("interrupted");
    await expect(stopProcesses(stateDir, found, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
