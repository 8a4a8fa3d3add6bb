import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { ProcessResult } from "../../src/pipeline/batch/process.js";
import { expectExactAccount } from "../helpers/account.js";
import { projectRoot } from "../helpers/environment.js";
import { diagnosis, heads, refusal } from "../helpers/refusal.js";
import { fakeServer } from "../helpers/server.js";
import { emptyStack, pipectl, pipectlJson } from "../helpers/stack.js";

const home = inject("stack").STATE_DIR as string;
const via = ["--via", "gateway"];
const folder = mkdtempSync(join(tmpdir(), "pipectl-faults-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  await emptyStack();
  await pipectlJson(["generate", "--count", "600", "--malformed", "0.02"]);
  await pipectlJson(["process", ...via]);
  await pipectlJson(["generate", "--count", "300", "--seed", "2", "--malformed", "0.02"]);
});

describe("a service that answers, but not as it should", () => {
  const portOf = (url: string) => String(new URL(url).port);

  test.each([
    ["the catalog", "CATALOG_PORT", 500, "catalog_error"],
    ["Flink", "FLINK_PORT", 503, "flink_error"],
    ["the gateway", "GATEWAY_PORT", 500, "gateway_error"],
  ])(
    "%s answers with an error of its own: exit 3, nothing changed, doctor says so",
    async (_name, key, status, code) => {
      const before = await heads();
      const body = { error: { message: "out of luck", code: status }, errors: ["out of luck"] };
      const { url } = await fakeServer(() => ({ status, body }));
      const broken = { [key]: portOf(url) };
      expect(await refusal(["process", ...via], broken)).toMatchObject({
        exitCode: 3,
        code,
        message: expect.stringMatching(new RegExp(`HTTP ${status}.*out of luck`)),
        hint: expect.stringContaining("pipectl"),
      });
      expect(await heads()).toEqual(before);
      if (code !== "gateway_error") expect(await diagnosis(broken)).toContain("out of luck");
    },
  );

  test("the catalog takes requests and never answers: a time limit ends the wait, with its reason", async () => {
    const before = await heads();
    const { url } = await fakeServer(() => undefined);
    const broken = { CATALOG_PORT: portOf(url) };
    const { exitCode, code, message } = await refusal(["process", "--timeout", "3"], broken);
    expect({ exitCode, code, message }).toMatchObject({ exitCode: 3, code: "timeout" });
    expect(await heads()).toEqual(before);
  });
});

describe("a disk that does not take what it is given", () => {
  const data = join(home, "data", "warehouse", "bronze", "raw_trips", "data");

  /** A small file system of its own; the tests run as root, whom no permission stops. */
  function mounted(options: string, use: (path: string) => Promise<void>, at?: string) {
    return async () => {
      const path = at ?? mkdtempSync(join(folder, "mount-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]);
      try {
        await use(path);
      } finally {
        execFileSync("umount", ["-l", path]);
      }
    };
  }

  test(
    "a read-only state folder: up says so, and doctor too",
    mounted("size=1m,ro", async (path) => {
      const broken = { STATE_DIR: join(path, ".pipectl") };
      expect(await refusal(["up"], broken)).toMatchObject({ exitCode: 3, code: "not_writable" });
      expect(await diagnosis(broken)).toMatch(/Folders .*read-only/);
    }),
  );

  test(
    "a full one: up says so and leaves no process, and doctor names the disk",
    mounted("size=32k", async (path) => {
      const broken = { STATE_DIR: join(path, ".pipectl") };
      expect(await refusal(["up"], broken)).toMatchObject({ exitCode: 3, code: "disk_full" });
      expect(await diagnosis(broken)).toMatch(/Disk .*free at least 2 GB|Disk .*free for/);
      const { stdout } = await execa("ps", ["-axww", "-o", "args="]);
      expect(stdout).not.toContain(encodeURI(path));
    }),
  );

  test("a warehouse that cannot be written: the job's own reason, nothing published, and exact once it can", async () => {
    const before = await heads();
    renameSync(data, `${data}.away`);
    writeFileSync(data, "");
    try {
      const { exitCode, code, message } = await refusal(["process", ...via]);
      expect({ exitCode, code }).toEqual({ exitCode: 1, code: "job_failed" });
      expect(message).toContain(data);
    } finally {
      rmSync(data);
      renameSync(`${data}.away`, data);
    }
    expect(await heads()).toEqual(before);
    await pipectlJson<ProcessResult>(["process", ...via]);
    expect(await expectExactAccount()).toMatchObject({ produced: 900 });
  });

  test("one that is full in the middle of a job: said with its path, nothing published, doctor names it", async () => {
    await pipectlJson(["generate", "--count", "600", "--seed", "3", "--malformed", "0.02"]);
    const before = await heads();
    const full = async () => {
      expect(await refusal(["process", ...via])).toMatchObject({
        ...{ exitCode: 3, code: "disk_full" },
        message: expect.stringMatching(new RegExp(`No space left on device\\n +${data}: `)),
        hint: expect.stringContaining("pipectl process"),
      });
      expect(await diagnosis()).toMatch(new RegExp(`^problem +Disk .*free for ${data}$`, "m"));
    };
    // Less than one of the files that the job writes.
    await mounted("size=16k", full, data)();
    expect(await heads()).toEqual(before);
    await pipectlJson<ProcessResult>(["process", ...via]);
    expect(await expectExactAccount()).toMatchObject({ produced: 1500 });
  });

  test("a folder of checkpoints in whose place a file lies is named by doctor", async () => {
    const checkpoints = join(home, "data", "checkpoints");
    renameSync(checkpoints, `${checkpoints}.away`);
    writeFileSync(checkpoints, "");
    try {
      expect(await diagnosis()).toContain(checkpoints);
    } finally {
      rmSync(checkpoints);
      renameSync(`${checkpoints}.away`, checkpoints);
    }
  });

  test("a metadata file that is cut off: exit 3, doctor names the same, and the catalog's log has the reason", async () => {
    const metadata = join(home, "data", "warehouse", "bronze", "raw_trips", "metadata");
    const [current] = execFileSync("sh", ["-c", `ls -t ${metadata}/*.metadata.json`], {
      encoding: "utf8",
    }).split("\n");
    const whole = readFileSync(current as string);
    writeFileSync(current as string, whole.subarray(0, 200));
    try {
      // Iceberg's own code reads a broken file again and again, for longer than anybody waits.
      const late = /Iceberg catalog does not answer on .*: no answer within 30 s/;
      const [said, doctor] = await Promise.all([refusal(["process", ...via]), diagnosis()]);
      expect(said).toMatchObject({ exitCode: 3, message: expect.stringMatching(late) });
      expect(doctor).toMatch(late);
      expect(said.hint).toContain("pipectl logs");
      const { stdout } = await pipectl(["logs", "catalog", "-n", "200"]);
      expect(stdout).toContain("metadata.json");
    } finally {
      writeFileSync(current as string, whole);
    }
    expect(await pipectlJson<ProcessResult>(["process", ...via])).toMatchObject({ jobs: [] });
  });
});

describe("no file descriptors", () => {
  const cli = join(projectRoot, "dist", "cli.js");
  const limited = async (files: number, ...args: string[]) =>
    await execa("sh", ["-c", `ulimit -n ${files}; exec "$0" "$@"`, process.execPath, cli, ...args], {
      env: inject("stack"),
      reject: false,
    });

  test("with too few of them a command ends with one message and exit 3, with one more it does its work", async () => {
    const seen = new Set<number | undefined>();
    // Node itself has some twenty; where exactly it is too few is Node's matter.
    for (let files = 19; files < 28; files += 2) {
      for (const words of [["check-lag"], ["status"], ["query", "SELECT 1", "-q"]]) {
        const { exitCode, stderr } = await limited(files, ...words);
        seen.add(exitCode);
        const about = `${words[0]} with ${files}: exit ${exitCode}, ${stderr}`;
        expect(exitCode === 0 || exitCode === 3, about).toBe(true);
        if (exitCode === 0) continue;
        expect(stderr.trim().split("\n").length, about).toBe(2);
        expect(stderr, about).toMatch(/file descriptor|may not open another file/);
      }
    }
    expect([...seen].sort()).toEqual([0, 3]);
  });

  test("doctor names a limit that is too low for the stack", async () => {
    const { stdout } = await limited(1000, "doctor");
    expect(stdout).toMatch(/problem +Open files +at most 1000 in one process/);
  });
});
