import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pipectl } from "../helpers/cli.js";
import { temporaryFolder, temporaryProject } from "../helpers/folder.js";

const root = temporaryProject();
const stateDir = temporaryFolder();
const log = (name: string) => join(stateDir, "log", name);
mkdirSync(join(stateDir, "log"));
writeFileSync(log("kafka.log"), Array.from({ length: 100 }, (_, i) => `kafka ${i}\n`).join(""));
writeFileSync(log("taskmanager-1.log"), "task é\n");
const environment = { STATE_DIR: stateDir };

describe("logs", () => {
  it("shows the last lines of every service, each with its name", async () => {
    const { code, stdout } = await pipectl(["logs", "-n", "2"], { root, environment });
    expect(code).toBe(0);
    expect(stdout.split("\n").filter((line) => line !== "")).toEqual([
      "kafka          kafka 98",
      "kafka          kafka 99",
      "taskmanager-1  task é",
    ]);
  });

  it.each(["taskmanager", "taskmanager-1"])("of %s alone are as they are", async (service) => {
    const { stdout } = await pipectl(["logs", service], { root, environment });
    expect(stdout).toBe("task é\n");
  });

  it("-f goes on with whole lines as they come, until Ctrl-C, which exits 130", async () => {
    let seen = "";
    const { code, stderr } = await pipectl(["logs", "kafka", "-f", "-n", "1"], {
      root,
      environment,
      onOutput: (text) => {
        seen += text;
        if (text === "kafka 99\n") appendFileSync(log("kafka.log"), "one\nhal");
        if (text === "one\n") appendFileSync(log("kafka.log"), "f é\n");
        if (text === "half é\n") process.emit("SIGINT");
      },
    });
    expect(seen).toBe("kafka 99\none\nhalf é\n");
    expect(code).toBe(130);
    expect(stderr).toContain("press Ctrl-C again to leave at once");
  });

  it("-f begins a log anew that became smaller", async () => {
    let seen = "";
    await pipectl(["logs", "taskmanager", "-f"], {
      root,
      environment,
      onOutput: (text) => {
        seen += text;
        if (text === "task é\n") writeFileSync(log("taskmanager-1.log"), "new\n");
        if (text === "new\n") process.emit("SIGTERM");
      },
    });
    expect(seen).toBe("task é\nnew\n");
  });

  it("-f with --timeout says that its time is up, and exits 3", async () => {
    expect(await pipectl(["logs", "kafka", "-f", "--timeout", "0.2"], { root, environment })).toMatchObject({
      code: 3,
    });
  });
});

describe("signals", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s exits %d, and leaves no listener behind", async (signal, exitCode) => {
    const before = process.listenerCount(signal);
    const { code } = await pipectl(["logs", "kafka", "-f", "-n", "1"], {
      root,
      environment,
      onOutput: () => process.emit(signal),
    });
    expect(code).toBe(exitCode);
    expect(process.listenerCount(signal)).toBe(before);
  });
});
