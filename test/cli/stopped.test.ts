import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { documentOf, pipectl } from "../helpers/cli.js";
import { temporaryFolder, temporaryProject } from "../helpers/folder.js";
import { freePorts } from "../helpers/ports.js";

// Every command against ports where nobody listens, and a state folder that no stack ever had.

const root = temporaryProject();
const stateDir = join(temporaryFolder(), "state");
let environment: Record<string, string | undefined>;
let kafka: string;
let catalog: string;

beforeAll(async () => {
  const names = [
    "KAFKA_PORT",
    "KAFKA_CONTROLLER_PORT",
    "FLINK_PORT",
    "FLINK_RPC_PORT",
    "GATEWAY_PORT",
    "CATALOG_PORT",
  ];
  const ports = await freePorts(names.length);
  environment = {
    STATE_DIR: stateDir,
    PATH: process.env.PATH,
    ...Object.fromEntries(names.map((name, i) => [name, String(ports[i])])),
  };
  kafka = `127.0.0.1:${environment.KAFKA_PORT}`;
  catalog = `http://127.0.0.1:${environment.CATALOG_PORT}`;
});
const run = async (...argv: string[]) => await pipectl(argv, { root, environment });

describe("with nothing running", () => {
  it("status says so of every service, and exits 3", async () => {
    const { code, stdout, stderr } = await run("status");
    expect([code, stderr]).toEqual([3, ""]);
    for (const name of ["kafka", "jobmanager", "taskmanager-1", "gateway", "catalog"]) {
      expect(stdout).toMatch(new RegExp(`^${name} +stopped`, "m"));
    }
    expect(stdout).toContain("no job is running");
    expect(stdout).not.toContain("\u001b");
  });

  it("status --json has the same in one document", async () => {
    const result = await run("status", "--json");
    expect(result.code).toBe(3);
    const { runtime, services, jobs } = documentOf(result) as {
      runtime: string;
      services: { name: string; state: string; endpoint?: string }[];
      jobs: unknown[];
    };
    expect([runtime, jobs]).toEqual(["local", []]);
    expect(new Set(services.map(({ state }) => state))).toEqual(new Set(["stopped"]));
    expect(services.find(({ name }) => name === "kafka")?.endpoint).toBe(kafka);
  });

  it.concurrent.each([
    ["check-lag", ["check-lag"]],
    ["process", ["process"]],
    ["process-silver", ["process-silver"]],
    ["generate", ["generate", "--count", "1"]],
    ["jobs", ["jobs"]],
    ["query", ["query", "SELECT 1"]],
  ])("%s exits 3 with one clear error that names the address", async (_name, argv) => {
    const { code, stdout, stderr } = await run(...argv);
    expect(code).toBe(3);
    expect(stdout).toBe("");
    const errors = stderr.split("\n").filter((line) => line.startsWith("error: "));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^error: .* does not answer on (http:\/\/)?127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    const address = /127\.0\.0\.1:(\d+)/.exec(errors[0] as string)?.[1];
    expect(Object.values(environment)).toContain(address);
    expect(stderr).toMatch(/^ {2}try: /m);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.concurrent("the same as JSON is one document, and nothing on standard error", async () => {
    const result = await run("check-lag", "--json", "--quiet");
    expect(result).toMatchObject({ code: 3, stderr: "" });
    const { error } = documentOf(result) as { error: { code: string; message: string; hint: string } };
    expect(["kafka_unreachable", "http_unreachable"]).toContain(error.code);
    expect(error.message.includes(kafka) || error.message.includes(catalog)).toBe(true);
    expect(error.hint).toContain("pipectl");
  });

  it.concurrent("validate could not look in any stage, says so of each, and exits 3", async () => {
    const { code, stdout } = await run("validate");
    expect(code).toBe(3);
    for (const stage of [1, 2, 3])
      expect(stdout).toMatch(new RegExp(`^\\[Stage ${stage}\\] .+ \\.{3,} UNKNOWN \\(.+\\)$`, "m"));
    expect(stdout).toMatch(/127\.0\.0\.1:\d+/);
    expect(stdout).toMatch(/^UNKNOWN \(MODE=batch\)$/m);
  });

  it.concurrent("validate --json has stable keys, and null where nothing is known", async () => {
    const result = await run("validate", "--json");
    expect(result.code).toBe(3);
    expect(documentOf(result)).toMatchObject({
      status: "unknown",
      mode: "batch",
      counts: null,
      partitions: [],
    });
  });

  it("down has nothing to stop, and needs no service", async () => {
    expect(await run("down")).toMatchObject({ code: 0, stdout: "local runtime: nothing was running\n" });
  });

  it("logs says that there are none, and knows which services there are", async () => {
    const none = await run("logs");
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("never started");
    const unknown = await run("logs", "zookeeper");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("there is no service zookeeper; there are kafka, jobmanager");
  });

  it("clean removes what can be made again", async () => {
    await run("build-sql");
    expect((await run("clean")).stdout).toBe(`removed ${join(root, "build")}\n`);
    expect(existsSync(join(root, "build"))).toBe(false);
    expect((await run("clean")).stdout).toBe("nothing to remove\n");
  });

  it("looking changes nothing: no state folder was made", () => {
    expect(existsSync(stateDir)).toBe(false);
  });
});
