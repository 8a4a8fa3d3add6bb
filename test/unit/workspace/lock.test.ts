import { readdirSync, readFileSync, readlinkSync, utimesSync, writeFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, describe, expect, it } from "vitest";
import { exclusively, removeLock, strangeLocks } from "../../../src/workspace/lock.js";
import { temporaryFolder } from "../../helpers/folder.js";
import { problemOf } from "../../helpers/problem.js";
import { workspaceOf } from "../../helpers/workspace.js";

const home = temporaryFolder();
const runs = join(home, "locks", "run");
const workspace = workspaceOf({ runtime: { home } });
beforeEach(async () => {
  await rm(runs, { recursive: true, force: true });
  await mkdir(runs, { recursive: true });
});
const lockOf = (pid: number, args = "node pipectl process", since = Date.now()) =>
  writeFileSync(join(runs, `${pid}-${since}-0a0b0c.lock`), args);
/** The number of a process that has just ended. */
const deadPid = async () => Number((await execa("sh", ["-c", "echo $$"])).stdout);

describe("the lock of a stack", () => {
  it("lets one in, says who it is to another, and leaves nothing", async () => {
    await exclusively(workspace, "run", async () => {
      const error = await problemOf(() => exclusively(workspace, "run", async () => {}));
      expect(error).toMatchObject({ kind: "failed", code: "busy" });
      expect(error.message).toContain(`process ${process.pid}, since 20`);
    });
    expect(readdirSync(runs)).toEqual([]);
  });

  it("does not keep out who does something else", async () => {
    await exclusively(workspace, "run", async () => {
      expect(await exclusively(workspace, "stack", async () => 1)).toBe(1);
    });
  });

  it("is given back by a run that fails", async () => {
    await expect(exclusively(workspace, "run", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await exclusively(workspace, "run", async () => 1)).toBe(1);
  });

  it("is taken over from an owner that was killed", async () => {
    lockOf(await deadPid());
    expect(await exclusively(workspace, "run", async () => 1)).toBe(1);
    expect(readdirSync(runs)).toEqual([]);
  });

  it("is taken over when the owner's number belongs to another program now", async () => {
    const other = execa("sleep", ["60"]);
    lockOf(other.pid as number);
    expect(await exclusively(workspace, "run", async () => 1)).toBe(1);
    other.kill();
    await other.catch(() => {});
  });

  it("stays with its owner when the clock is set", async () => {
    const owner = execa("sleep", ["61"]);
    const { stdout } = await execa("ps", ["-o", "args=", "-p", String(owner.pid)]);
    lockOf(owner.pid as number, stdout.trim(), Date.now() - 24 * 3_600_000);
    expect((await problemOf(() => exclusively(workspace, "run", async () => {}))).code).toBe("busy");
    owner.kill();
    await owner.catch(() => {});
  });

  it("is taken over from one that had our own number, as in a container that is started again", async () => {
    const { stdout } = await execa("ps", ["-o", "args=", "-p", String(process.pid)]);
    lockOf(process.pid, stdout.trim());
    expect(await exclusively(workspace, "run", async () => 1)).toBe(1);
  });

  it("belongs to one of another machine or container while that shows signs of life", async () => {
    const file = join(runs, `1-${Date.now()}-0a0b0c.lock`);
    writeFileSync(file, "node pipectl process\nelsewhere pid:[1]");
    expect((await problemOf(() => exclusively(workspace, "run", async () => {}))).code).toBe("busy");
    const longAgo = new Date(Date.now() - 5 * 60_000);
    utimesSync(file, longAgo, longAgo);
    expect(await exclusively(workspace, "run", async () => 1)).toBe(1);
    expect(readdirSync(runs)).toEqual([]);
  });

  it("is not that of a process with the same number and the same command line", async () => {
    const other = execa("sleep", ["62"]);
    const { stdout } = await execa("ps", ["-o", "args=", "-p", String(other.pid)]);
    const where = `${hostname()} ${readlinkSync("/proc/self/ns/pid")}`;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const startedAt = readFileSync(`/proc/${other.pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19];
    lockOf(other.pid as number, `${stdout.trim()}\n${where}\n${startedAt} ${boot}`);
    expect((await problemOf(() => exclusively(workspace, "run", async () => {}))).code).toBe("busy");
    await rm(runs, { recursive: true });
    await mkdir(runs);
    lockOf(other.pid as number, `${stdout.trim()}\n${where}\n${Number(startedAt) - 1} ${boot}`);
    expect(await exclusively(workspace, "run", async () => 1)).toBe(1);
    other.kill();
    await other.catch(() => {});
  });

  it("stays free of what is no lock, and names it", async () => {
    const longAgo = new Date(Date.now() - 5 * 60_000);
    writeFileSync(join(runs, "notes.txt"), "x");
    await mkdir(join(runs, `1-${Date.now()}-0a0b0c.lock`));
    const empty = join(runs, `${process.ppid}-${Date.now()}-0a0b0d.lock`);
    writeFileSync(empty, "");
    utimesSync(empty, longAgo, longAgo);
    lockOf(await deadPid());
    const future = join(runs, `2-${Date.now()}-0a0b0e.lock`);
    writeFileSync(future, "node pipectl process\nelsewhere\u001b pid:[1]");
    utimesSync(future, new Date(Date.now() + 3_600_000), new Date(Date.now() + 3_600_000));
    const strange = await strangeLocks(workspace);
    expect(strange.map(({ why }) => why.replace(/\d+/g, "N")).sort()).toEqual([
      "it has another name than a lock",
      "it is empty, and was not touched for a minute",
      "it is no file",
      "its owner, process N elsewhere (elsewhere? pid:[N]), gave no sign of life for a minute",
      "process N is gone",
    ]);
    for (const one of strange) await removeLock(one);
    expect(readdirSync(runs)).toEqual([]);
  });

  it("is not strange while its owner holds it, or writes it", async () => {
    await exclusively(workspace, "run", async () => expect(await strangeLocks(workspace)).toEqual([]));
    writeFileSync(join(runs, `${process.ppid}-${Date.now()}-0a0b0d.lock`), "");
    expect(await strangeLocks(workspace)).toEqual([]);
  });

  it("lets one in at a time, also past a dead owner", async () => {
    lockOf(await deadPid());
    let inside = 0;
    const contend = async () => {
      try {
        return await exclusively(workspace, "run", async () => {
          expect(++inside).toBe(1);
          await new Promise((resolve) => setTimeout(resolve, 5));
          inside--;
          return "done";
        });
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const outcomes = await Promise.all(Array.from({ length: 8 }, contend));
    expect(outcomes.filter((outcome) => outcome !== "busy" && outcome !== "done")).toEqual([]);
    expect(readdirSync(runs)).toEqual([]);
  });
});
