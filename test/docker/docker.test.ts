import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { parse } from "dotenv";
import { execa } from "execa";
import { describe, expect, inject, test } from "vitest";
import type { ProcessResult } from "../../src/pipeline/batch/process.js";
import type { ReplayResult } from "../../src/pipeline/dead-letters/replay.js";
import type { MaintainResult } from "../../src/pipeline/maintain/maintain.js";
import type { StatusResult, UpResult } from "../../src/pipeline/stack/stack.js";
import type { StreamResult } from "../../src/pipeline/stream/start.js";
import type { StopResult } from "../../src/pipeline/stream/stop.js";
import type { Ledger } from "../../src/pipeline/topic/generate.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { projectRoot } from "../helpers/environment.js";
import { expectExactSilver, readTable } from "../helpers/iceberg.js";
import { interrupted, pipectl as plainPipectl } from "../helpers/stack.js";
import { maintainAll } from "../helpers/upkeep.js";

const stack = inject("stack");
const skipped = inject("skipped");
const envFile = join(stack.STATE_DIR as string, "env");
const project = stack.COMPOSE_PROJECT_NAME as string;

const pipectl = async (args: readonly string[], env: Record<string, string> = {}) =>
  await plainPipectl([...args, "--env-file", envFile], { env });

async function json<T>(args: readonly string[]): Promise<T> {
  const { exitCode, stdout, stderr } = await pipectl([...args, "--json"]);
  if (exitCode !== 0)
    throw new Error(`pipectl ${args.join(" ")} ended with ${exitCode}\n${stdout}\n${stderr}`);
  return JSON.parse(stdout) as T;
}

const settings = () => parse(readFileSync(envFile));
const s3 = () => ({
  "s3.endpoint": `http://127.0.0.1:${stack.S3_PORT}`,
  "s3.access-key-id": settings().S3_ACCESS_KEY as string,
  "s3.secret-access-key": settings().S3_SECRET_KEY as string,
  "s3.region": "us-east-1",
});
const rows = async (table: string, columns: readonly string[]) => await readTable(table, columns, s3());

const silver = async () =>
  (await rows("silver.cleaned_trips", ["trip_id", "pickup_date", "total_amount"])).map(String).sort();

async function containers(): Promise<{ name: string; id: string; service: string; state: string }[]> {
  const format = '{{.Names}} {{.ID}} {{.Label "com.docker.compose.service"}} {{.State}}';
  const filter = `label=com.docker.compose.project=${project}`;
  const { stdout } = await execa("docker", [
    "ps",
    "-a",
    "--no-trunc",
    "--filter",
    filter,
    "--format",
    format,
  ]);
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" ") as [string, string, string, string])
    .map(([name, id, service, state]) => ({ name, id, service, state }));
}

describe.skipIf(skipped !== "")(
  `the stack in containers${skipped === "" ? "" : ` (skipped: ${skipped})`}`,
  () => {
    test("makes up its credentials, and keeps them in a file for its owner alone", async () => {
      const { S3_ACCESS_KEY = "", S3_SECRET_KEY = "" } = settings();
      expect(S3_ACCESS_KEY).toMatch(/^[0-9a-f]{20}$/);
      expect(S3_SECRET_KEY).toMatch(/^[0-9a-f]{40}$/);
      expect(statSync(envFile).mode & 0o777).toBe(0o600);
    });

    test("status names every container; up again changes nothing", async () => {
      const before = await containers();
      const { runtime, services } = await json<StatusResult>(["status"]);
      expect(runtime).toBe("docker");
      expect(services.map(({ name, state, container }) => `${name} ${state} ${container}`)).toEqual(
        ["kafka", "s3", "catalog", "jobmanager", "taskmanager-1", "gateway"].map(
          (name) => `${name} running ${project}-${name.replace("-1", "")}-1`,
        ),
      );
      expect((await json<UpResult>(["up"])).started).toEqual([]);
      expect(await containers()).toEqual(before);
    });

    test("takes records through the whole path, exactly, and a second time nothing", async () => {
      await json(["create-topics"]);
      const ledger = await json<Ledger>([
        ...["generate", "--count", "10000", "--seed", "3", "--malformed", "0.02", "--duplicates", "0.03"],
      ]);
      const first = await json<ProcessResult>(["process"]);
      expect(first.jobs.map(({ state }) => state)).toEqual(["FINISHED", "FINISHED"]);
      expect(await expectExactAccount(s3())).toEqual({
        produced: ledger.sent,
        bronze: ledger.sent - ledger.malformed,
        dlq: ledger.malformed,
      });
      const made = await silver();
      expect(made.length).toBe(ledger.sent - ledger.malformed - ledger.duplicates);
      expect(new Set(made.map((row) => row.split(",")[0])).size).toBe(made.length);
      expect(await json<ProcessResult>(["process", "--via", "gateway"])).toMatchObject({ jobs: [] });
      const validation = await json<ValidateResult>(["validate", "--deep"]);
      expect(validation).toMatchObject({ status: "pass", counts: { produced: 10_000, unaccounted: 0 } });

      // Rebuilding a range takes its dates out by a job of ours, which the containers hold.
      const dates = [...new Set(made.map((row) => row.split(",")[1] as string))].sort();
      const range = ["--from", dates[1] as string, "--to", dates[2] as string];
      expect((await json<ProcessResult>(["process-silver", ...range])).jobs).toHaveLength(1);
      expect(await silver()).toEqual(made);
      // Dead letters are read again by a function of ours, which the containers hold, too.
      const letters = { examined: ledger.malformed, replayed: 0 };
      expect(await json<ReplayResult>(["dlq", "replay", "--dry-run"])).toMatchObject(letters);
    });

    test("no secret is in SQL, logs, arguments or Flink's settings", async () => {
      const { S3_SECRET_KEY: secret = "", S3_ACCESS_KEY: access = "" } = settings();
      const shown: Record<string, string> = {
        "build-sql --show": (await pipectl(["build-sql", "--show"])).stdout,
        config: (await pipectl(["config"])).stdout,
        ps: (await execa("ps", ["-axww", "-o", "args="])).stdout,
        logs: (await pipectl(["logs", "-n", "100000"])).stdout,
        "Flink's settings": await (
          await fetch(`http://127.0.0.1:${stack.FLINK_PORT}/jobmanager/config`)
        ).text(),
        "Flink's environment": await (
          await fetch(`http://127.0.0.1:${stack.FLINK_PORT}/jobmanager/environment`)
        ).text(),
      };
      for (const name of readdirSync(join(projectRoot, "build", "sql")))
        shown[name] = readFileSync(join(projectRoot, "build", "sql", name), "utf8");
      expect(shown["build-sql --show"]).toContain("S3FileIO");
      expect(shown.logs).toContain("jobmanager");
      for (const [where, text] of Object.entries(shown)) {
        expect(text.includes(secret), `${where} shows the secret key`).toBe(false);
        expect(text.includes(access), `${where} shows the access key`).toBe(false);
      }
    });

    test("local and Docker never mix: the local stack of the same state folder is another one", async () => {
      const { stdout } = await pipectl(["status", "--json"], { RUNTIME: "local" });
      const status = JSON.parse(stdout) as StatusResult;
      expect(status.runtime).toBe("local");
      expect(status.services.every(({ state }) => state === "stopped")).toBe(true);
      // auto is what was started last.
      expect(JSON.parse((await pipectl(["status", "--json"], { RUNTIME: "auto" })).stdout).runtime).toBe(
        "docker",
      );
    });

    test("doctor is content, logs -f ends with Ctrl-C", async () => {
      const { exitCode, stdout } = await pipectl(["doctor"]);
      expect(stdout).not.toContain("problem");
      expect(exitCode).toBe(0);
      expect((await pipectl(["logs", "s3"])).exitCode).toBe(0);
      expect((await pipectl(["logs", "nothing"])).stderr).toContain("there is no service nothing");
    });

    // The JobManager is killed under both streams, below; the gateway and Kafka by the local tests.
    describe.each([
      ["taskmanager", /RUNNING|job [0-9a-f]{32}/],
      ["catalog", /job [0-9a-f]{32}/],
      ["s3", /job [0-9a-f]{32}/],
    ])("kill -9 of %s in the middle of process", (service, sign) => {
      test("up repairs it, process takes the rest, the account is exact", async () => {
        await json([
          "generate",
          "--count",
          "3000",
          "--seed",
          service.length.toString(),
          "--malformed",
          "0.01",
        ]);
        const [victim] = (await containers()).filter((one) => one.service === service);
        const act = async () => {
          await execa("docker", ["kill", "--signal", "KILL", victim?.id as string]);
          const { started } = await json<UpResult>(["up"]);
          expect(started.join()).toContain(service);
        };
        const outcome = await interrupted(["process", "--env-file", envFile], sign, { act });
        expect(outcome.seen).toBe(true);
        await json(["process"]);
        await expectExactAccount(s3());
        expect(await json<ValidateResult>(["validate"])).toMatchObject({ status: "pass" });
      });
    });

    test("streams go on from their checkpoints on S3 when the JobManager is killed, and from their savepoints after down", async () => {
      const streaming = { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "2s", SUBMIT_VIA: "gateway" };
      const run = async <T>(...args: string[]) => {
        const { exitCode, stdout, stderr } = await pipectl([...args, "--json"], streaming);
        expect(exitCode, `pipectl ${args.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
        return JSON.parse(stdout) as T;
      };
      const more = async (seed: string) => await run("generate", "--count", "1000", "--seed", seed);
      const settled = async (...deep: string[]) => {
        const { counts } = await run<ValidateResult>("validate", ...deep, "--settle", "60s");
        const { produced, bronze, dlq } = await expectExactAccount(s3());
        expect(counts).toMatchObject({ produced, bronze, dlq, notLanded: 0, unaccounted: 0 });
        if (deep.length > 0) await expectExactSilver(s3());
      };
      const start = async (...more: string[]) =>
        await run<StreamResult>("process-streaming", "--silver", ...more);
      const fromCheckpoint = expect.stringMatching(/^s3:\/\/lake\/checkpoints\/[0-9a-f]{32}\/chk-\d+$/);
      const fromSavepoint = expect.stringMatching(/^s3:\/\/lake\/savepoints\/savepoint-/);
      const first = await start("--wait-checkpoint");
      expect(first).toMatchObject({ started: true, state: null, silver: { state: fromSavepoint } });
      await more("71");
      await settled("--deep");
      // By jobs in the containers, on S3; silver's place is read from a checkpoint there.
      for (const { expired } of (await run<MaintainResult>(...maintainAll)).tables)
        expect(expired?.snapshotsAfter).toBeLessThan(expired?.snapshotsBefore ?? 0);
      const [jobManager] = (await containers()).filter(({ service }) => service === "jobmanager");
      await execa("docker", ["kill", "--signal", "KILL", jobManager?.id as string]);
      await run("up");
      await more("72");
      expect(await start()).toMatchObject({ state: fromCheckpoint, silver: { state: fromCheckpoint } });
      await settled();
      await run("down");
      expect(await containers()).toEqual([]);
      await run("up");
      await more("73");
      expect(await start()).toMatchObject({ state: fromSavepoint, silver: { state: fromSavepoint } });
      await settled("--deep");
      expect((await run<StopResult>("stop")).stopped).toHaveLength(2);
    });

    test("a container that cannot start is one clear error, and nothing half-started stays", async () => {
      const { exitCode, stderr } = await pipectl(["up"], {
        TASK_HEAP_MB: "262144",
        COMPOSE_PROJECT_NAME: "pipectl-test-2",
        PORT_OFFSET: "1000",
      });
      expect(exitCode).not.toBe(0);
      expect(stderr).toMatch(/error: .*(taskmanager|memory)/i);
      const left = await execa("docker", [
        "ps",
        "-q",
        "--filter",
        "label=com.docker.compose.project=pipectl-test-2",
      ]);
      expect(left.stdout).toBe("");
      await pipectl(["down", "--volumes"], {
        COMPOSE_PROJECT_NAME: "pipectl-test-2",
        STATE_DIR: join(stack.STATE_DIR as string, "second"),
      });
    });

    test("a port that is taken is named before anything starts", async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { port: number };
      const env = {
        COMPOSE_PROJECT_NAME: "pipectl-test-2",
        PORT_OFFSET: "2000",
        FLINK_PORT: String(port - 2000),
      };
      const { exitCode, stderr } = await pipectl(["up"], env);
      server.close();
      expect(exitCode).toBe(3);
      expect(stderr).toContain(`port ${port} for jobmanager (FLINK_PORT) is taken by another program`);
    });

    test("an engine that is not there, and one that does not answer, are said to be so", async () => {
      const gone = await pipectl(["up"], { DOCKER_HOST: "tcp://127.0.0.1:1" });
      expect(gone.exitCode).toBe(3);
      expect(gone.stderr).toContain("the Docker engine does not answer");
      expect(gone.stderr).toContain("RUNTIME=local");
      const silent = createServer(() => {});
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      const { port } = silent.address() as { port: number };
      const hanging = await pipectl(["up"], { DOCKER_HOST: `tcp://127.0.0.1:${port}` });
      silent.close();
      expect(hanging.exitCode).toBe(3);
      expect(hanging.stderr).toContain("the Docker engine does not answer");
    });

    test("plain docker compose works without pipectl", async () => {
      const folder = join(stack.STATE_DIR as string, "plain");
      mkdirSync(folder, { recursive: true });
      const compose = async (...args: string[]) =>
        await execa("docker", ["compose", "-p", "pipectl-test-plain", ...args], {
          cwd: projectRoot,
          env: {
            ...settings(),
            ...Object.fromEntries(
              ["KAFKA_PORT", "FLINK_PORT", "GATEWAY_PORT", "CATALOG_PORT", "S3_PORT"].map((key) => [
                key,
                "0",
              ]),
            ),
          },
        });
      try {
        await compose("config", "--quiet");
        await compose("up", "-d", "--wait");
        const { stdout } = await compose("ps", "--format", "{{.Service}} {{.Health}}");
        expect(stdout.split("\n").sort()).toEqual(
          ["catalog", "gateway", "jobmanager", "kafka", "s3", "taskmanager"].map((name) => `${name} healthy`),
        );
      } finally {
        await compose("down", "--volumes");
      }
    });
  },
);
