import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { LagResult } from "../../src/pipeline/lag/lag.js";
import type { StatusResult, UpResult } from "../../src/pipeline/stack/stack.js";
import type { WarmUpResult } from "../../src/pipeline/stack/warm-up.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { stackEnvironment } from "../helpers/environment.js";
import { catalogClient, pythonOfReader } from "../helpers/iceberg.js";
import { freshStack, pipectl, pipectlJson } from "../helpers/stack.js";

const folder = mkdtempSync(join(tmpdir(), "pipectl-lifecycle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  // What an earlier run of the tests has recorded: the first warm-up is to do that.
  rmSync(cds, { recursive: true, force: true });
  await freshStack();
});

/** Processes of a stack, by what `ps` shows, not by what pipectl says. */
async function processesOf(stateDir: string): Promise<string[]> {
  const { stdout } = await execa("ps", ["-axww", "-o", "pid=,args="]);
  return stdout.split("\n").filter((line) => line.includes(`-Dpipectl.home=${stateDir} `));
}

async function pidOf(name: string): Promise<number> {
  const { services } = JSON.parse((await pipectl(["status", "--json"])).stdout) as StatusResult;
  const pid = services.find((service) => service.name === name)?.pid;
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
}

const home = inject("stack").STATE_DIR as string;
const cds = join(home, "lib", "cds");
/** The archives as the warm-up has made them. */
const whole = join(folder, "cds");

/** Of the classes that a service's JVM has, those that came from an archive, by the JVM's own counters. */
async function shareOfMappedClasses(service: string): Promise<number> {
  const { stdout } = await execa("jcmd", [String(await pidOf(service)), "PerfCounter.print"]);
  const classes = (name: string) => Number(new RegExp(`java.cls.${name}=(\\d+)`).exec(stdout)?.[1]);
  const [mapped, loaded] = [classes("sharedLoadedClasses"), classes("loadedClasses")];
  return mapped / (mapped + loaded);
}

test("up twice changes nothing", async () => {
  const before = await processesOf(inject("stack").STATE_DIR as string);
  const result = await pipectlJson<UpResult>(["up"]);
  expect(result.started).toEqual([]);
  expect(await processesOf(inject("stack").STATE_DIR as string)).toEqual(before);
  expect(before.length).toBe(5);
});

test("every service is bound to the loopback address only", async () => {
  const { stdout } = await execa("ss", ["-ltnpH"], { reject: false });
  const mine = (await processesOf(inject("stack").STATE_DIR as string)).map(
    (line) => `pid=${line.trim().split(" ")[0]},`,
  );
  const listening = stdout.split("\n").filter((line) => mine.some((pid) => line.includes(pid)));
  const foreign = listening.filter(
    (line) => !/\s(\[::ffff:127\.0\.0\.1\]|127\.0\.0\.1|\[::1\]):\d+\s/.test(line),
  );
  expect(foreign).toEqual([]);
});

// Iceberg's clients send %1F between the levels, which Jetty refuses by itself.
test("the catalog takes namespaces of several levels, by HTTP and by PyIceberg", async () => {
  const uri = `http://127.0.0.1:${inject("stack").CATALOG_PORT}`;
  const script = `
import sys, pyarrow
from pyiceberg.catalog import load_catalog
lake = load_catalog("lake", type="rest", uri=sys.argv[1])
for namespace in [("outer",), ("outer", "inner")]: lake.create_namespace(namespace)
table = lake.create_table(("outer", "inner", "t"), pyarrow.schema([("a", pyarrow.int64())]))
table.append(pyarrow.table({"a": [1, 2, 3]}))
print(lake.list_namespaces(("outer",)), lake.load_table(("outer", "inner", "t")).scan().to_arrow().num_rows)
`;
  const { stdout } = await execa(await pythonOfReader(), ["-c", script, uri]);
  expect(stdout).toBe("[('outer', 'inner')] 3");
  const table = `${uri}/v1/namespaces/outer%1Finner/tables/t`;
  expect((await fetch(table)).status).toBe(200);
  expect((await fetch(`${table}?purgeRequested=true`, { method: "DELETE" })).status).toBe(204);
  for (const namespace of ["outer%1Finner", "outer"])
    expect((await fetch(`${uri}/v1/namespaces/${namespace}`, { method: "DELETE" })).status).toBe(204);
});

test("a warm-up leaves topics and tables as they are, and what its JVMs have loaded for their next start", async () => {
  const namespaces = async () =>
    await (await fetch(`${catalogClient().url}/v1/namespaces`))
      .json()
      .then((answer) => JSON.stringify(answer));
  await pipectlJson(["generate", "--count", "1000"]);
  const before = await namespaces();
  // Without the age of what waits: that grows.
  const lag = async () =>
    (await pipectlJson<LagResult>(["check-lag"])).partitions.map(({ lagSeconds: _, ...line }) => line);
  const lagBefore = await lag();
  const { warm, recorded } = await pipectlJson<WarmUpResult>(["warm-up"]);
  expect(warm).toBe(true);
  expect(recorded).toEqual(["kafka", "jobmanager", "taskmanager-1", "gateway", "catalog"]);
  expect(await namespaces()).toBe(before);
  expect(await lag()).toEqual(lagBefore);
  expect(existsSync(join(home, "tmp", "warm-up"))).toBe(false);

  // The next start has them mapped, and one that was cut off is not touched.
  const cut = readdirSync(cds).find((file) => file.startsWith("kafka-")) as string;
  // Not below a JVM that has it mapped.
  await pipectlJson(["down"]);
  cpSync(cds, whole, { recursive: true });
  truncateSync(join(cds, cut), 1_000_000);
  await pipectlJson(["up"]);
  const options = (service: string) => readFileSync(join(home, "conf", `${service}.args`), "utf8");
  for (const service of ["jobmanager", "taskmanager-1", "gateway", "catalog", "sql-client"]) {
    expect(options(service)).toContain(`-XX:SharedArchiveFile=${cds}`);
  }
  expect(options("kafka")).not.toContain("SharedArchiveFile");
  expect(await shareOfMappedClasses("jobmanager")).toBeGreaterThan(0.5);
});

test("archives that are damaged inside are not used, and up comes up without them", async () => {
  await pipectlJson(["down"]);
  for (const file of readdirSync(cds)) {
    const path = join(cds, file);
    chmodSync(path, 0o600);
    const archive = openSync(path, "r+");
    writeSync(archive, Buffer.alloc(1_000_000, 0x5a), 0, 1_000_000, Math.floor(statSync(path).size / 2));
    closeSync(archive);
  }
  try {
    await pipectlJson(["up"]);
    expect(await shareOfMappedClasses("jobmanager")).toBeLessThan(0.5);
    // The client has one, too.
    expect((await pipectl(["process"])).exitCode).toBe(0);
  } finally {
    // The next tests start their stacks as quickly as a user does.
    await pipectlJson(["down"]);
    rmSync(cds, { recursive: true });
    cpSync(whole, cds, { recursive: true });
    await pipectlJson(["up"]);
  }
});

for (const [name, command, named, repaired] of [
  ["kafka", "process", "Kafka", ["kafka"]],
  // Its TaskManager is started anew with it: left alone it takes most of a minute to notice.
  ["jobmanager", "jobs", "Flink", ["jobmanager", "taskmanager-1"]],
  ["catalog", "check-lag", "catalog", ["catalog"]],
] as const) {
  test(`${name} killed: ${command} says so, exit 3, and up repairs it`, async () => {
    process.kill(await pidOf(name), "SIGKILL");
    const { exitCode, stderr } = await pipectl([command]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(named);
    expect(stderr).toContain("127.0.0.1:");
    expect((await pipectl(["status"])).exitCode).toBe(3);
    const { started } = await pipectlJson<UpResult>(["up"]);
    expect(started).toEqual(repaired);
    expect((await pipectl(["status"])).exitCode).toBe(0);
  });
}

test("down keeps the data and leaves no process; up finds it again", async () => {
  await pipectlJson(["generate", "--count", "1000", "--seed", "2"]);
  await pipectlJson(["process"]);
  // An archive holds classes of the class path: a planner behind a loader of its own would not be among them.
  expect(await shareOfMappedClasses("gateway")).toBeGreaterThan(0.6);
  await pipectlJson(["down"]);
  expect(await processesOf(inject("stack").STATE_DIR as string)).toEqual([]);
  await pipectlJson(["up"]);
  const validation = await pipectlJson<ValidateResult>(["validate", "--deep"]);
  expect(validation).toMatchObject({
    status: "pass",
    counts: { produced: 2000, bronze: 2000, unaccounted: 0 },
  });
});

test("a port that is taken is named with its key, and nothing is started", async () => {
  const env = await stackEnvironment(join(folder, "taken"));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(Number(env.GATEWAY_PORT), "127.0.0.1", () => resolve()));
  try {
    const { exitCode, stderr } = await pipectl(["up"], { env });
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`port ${env.GATEWAY_PORT}`);
    expect(stderr).toContain("GATEWAY_PORT");
    expect(stderr).toContain("PORT_OFFSET=");
    expect(await processesOf(env.STATE_DIR as string)).toEqual([]);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test("a service that dies while starting is reported with its last lines, and the others are stopped", async () => {
  const env = await stackEnvironment(join(folder, "dies"));
  const catalog = join(env.STATE_DIR as string, "data", "catalog");
  mkdirSync(catalog, { recursive: true });
  writeFileSync(
    join(catalog, "catalog.db"),
    "this is no database, and long enough to be read as a broken one".repeat(100),
  );
  const { exitCode, stderr } = await pipectl(["up"], { env });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("catalog ended while starting");
  expect(stderr).toMatch(/not a database/i);
  expect(await processesOf(env.STATE_DIR as string)).toEqual([]);
});

test("a second stack with other ports runs beside the first", async () => {
  const env = await stackEnvironment(join(folder, "second stack"));
  try {
    await pipectlJson(["up"], { env });
    await pipectlJson(["create-topics"], { env });
    await pipectlJson(["generate", "--count", "500"], { env });
    await pipectlJson(["process"], { env });
    expect(await pipectlJson<ValidateResult>(["validate"], { env })).toMatchObject({
      counts: { produced: 500, bronze: 500 },
    });
    expect(await pipectlJson<ValidateResult>(["validate"])).toMatchObject({ counts: { produced: 2000 } });
  } finally {
    await pipectl(["down", "--volumes"], { env });
  }
  expect(await processesOf(env.STATE_DIR as string)).toEqual([]);
});

test("no Java, and an old one: exit 3 with what to install", async () => {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  const env = {
    ...(await stackEnvironment(join(folder, "java"))),
    PATH: `${bin}:/usr/bin:/bin`,
    JAVA_HOME: join(folder, "no-jdk"),
  };
  const none = await pipectl(["up"], { env });
  expect(none.exitCode).toBe(3);
  expect(none.stderr).toContain("JAVA_HOME");
  mkdirSync(join(folder, "old", "bin"), { recursive: true });
  writeFileSync(
    join(folder, "old", "bin", "java"),
    "#!/bin/sh\necho 'openjdk version \"11.0.22\" 2024-01-16' >&2\n",
    { mode: 0o755 },
  );
  const old = await pipectl(["up"], { env: { ...env, JAVA_HOME: join(folder, "old") } });
  expect(old.exitCode).toBe(3);
  expect(old.stderr).toContain("Java 11");
});

test("up warms up in the background, where it is told to, and down ends that with the rest", async () => {
  await pipectlJson(["down"]);
  await pipectlJson(["up"], { env: { WARM_UP: "true" } });
  const warming = () =>
    processesOf(home).then((lines) => lines.filter((line) => line.includes("service=warm-up ")));
  expect(await warming()).toHaveLength(1);
  await pipectlJson(["down"]);
  expect(await processesOf(home)).toEqual([]);
  await pipectlJson(["up"]);
  expect(await warming()).toEqual([]);
});
