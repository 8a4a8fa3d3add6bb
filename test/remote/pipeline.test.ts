import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { MaintainResult } from "../../src/pipeline/maintain/maintain.js";
import { expectExactAccount } from "../helpers/account.js";
import { projectRoot } from "../helpers/environment.js";
import { expectExactSilver } from "../helpers/iceberg.js";
import { consumeAll } from "../helpers/kafka.js";
import { maintainAll } from "../helpers/upkeep.js";
import { pipectl, pipectlJson, remoteFolder } from "./pipectl.js";
import { account, type Rig, startRig } from "./rig/index.js";
import { filesWith, pagesOf } from "./traces.js";

interface Validation {
  readonly status: string;
  readonly counts: { readonly produced: number; readonly bronze: number; readonly dlq: number };
  readonly stages: readonly { readonly name: string; readonly status: string; readonly detail: string }[];
}

const missing = inject("missing") !== "";
let rig: Rig;
beforeAll(async () => {
  if (missing) return;
  rig = await startRig(join(remoteFolder, "rig"), { warehouses: ["s3", "gcs", "azure"] });
});
afterAll(async () => await rig?.stop());

const s3 = (more: Readonly<Record<string, string>> = {}) => ({ ...rig.lake("s3").environment, ...more });
const viaGateway = { SUBMIT_VIA: "gateway" };
const streaming = { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "2s", ...viaGateway };
const generate = async (count: number) =>
  await pipectlJson(
    s3(),
    "generate",
    "--count",
    String(count),
    "--malformed",
    "0.02",
    "--duplicates",
    "0.05",
    "--seed",
    String(count),
  );

/** Straight to the catalog and the files, past the guards and without a line of ours. */
const independent = () => ({
  uri: rig.lake("s3").storage.catalog.url,
  "s3.endpoint": rig.lake("s3").storage.url,
  "s3.access-key-id": account.s3.accessKey,
  "s3.secret-access-key": account.s3.secretKey,
  "s3.region": account.region,
  "s3.force-virtual-addressing": "false",
});
const expectExact = async () => {
  const found = await expectExactAccount(independent(), rig.kafka.plain);
  await expectExactSilver(independent());
  return found;
};

describe.skipIf(missing)(
  "servers that somebody else operates: SASL_SSL, TLS with basic authentication, a token, S3",
  () => {
    it("up looks at all of them, starts none, and leaves nothing", async () => {
      const result = await pipectlJson<{ started: string[] }>(s3(), "up");
      expect(result.started).toEqual([]);
      const status = await pipectlJson<{ services: { name: string; state: string }[] }>(s3(), "status");
      expect(status.services.map(({ name, state }) => `${name} ${state}`)).toEqual(
        ["kafka", "catalog", "jobmanager", "gateway"].map((name) => `${name} running`),
      );
      expect(JSON.stringify(await pipectlJson(s3(), "query", "SHOW TABLES IN bronze"))).not.toContain(
        "check",
      );
    });

    it("batch, by Flink's SQL client: exact, and a second run adds nothing", async () => {
      await pipectlJson(s3(), "create-topics");
      await generate(5_000);
      const first = await pipectlJson<{ bronze: { added: number }; dlq: { added: number } }>(s3(), "process");
      expect(first.bronze.added + first.dlq.added).toBe(5_000);
      const again = await pipectlJson<{ bronze: { added: number } }>(s3(), "process");
      expect(again.bronze.added).toBe(0);
      expect(await expectExact()).toEqual({
        produced: 5_000,
        bronze: first.bronze.added,
        dlq: first.dlq.added,
      });
    });

    it("validate passes, also where nothing is known of the run: the tables say it", async () => {
      const elsewhere = s3({ STATE_DIR: join(remoteFolder, "another-machine"), ...viaGateway });
      const { status, counts, stages } = await pipectlJson<Validation>(elsewhere, "validate", "--deep");
      expect(stages.filter((stage) => stage.status !== "pass")).toEqual([]);
      expect(status).toBe("pass");
      expect(counts.produced).toBe(counts.bronze + counts.dlq);
    });

    it("the stream begins where the batch ended, and goes on from its savepoint", async () => {
      await pipectlJson(s3(streaming), "process-streaming", "--wait-checkpoint");
      await generate(3_000);
      expect(await pipectlJson<Validation>(s3(streaming), "validate", "--settle", "60s")).toMatchObject({
        status: "pass",
      });
      const { stopped } = await pipectlJson<{ stopped: { savepoint: string }[] }>(s3(streaming), "stop");
      expect(stopped[0]?.savepoint).toMatch(/^file:.*savepoint-/);
      await generate(1_000);
      const { stderr } = await pipectl(s3(streaming), "process-streaming", "--wait-checkpoint");
      expect(stderr).toContain("resumes from file:");
      expect(await pipectlJson<Validation>(s3(streaming), "validate", "--settle", "60s")).toMatchObject({
        status: "pass",
      });
      // Beside it, by jobs that get the catalog's secrets, too.
      const { tables } = await pipectlJson<MaintainResult>(s3(streaming), ...maintainAll);
      expect(tables.map(({ orphans }) => (orphans?.files ?? 0) > 0)).toEqual([true, true, true]);
      await pipectlJson(s3(streaming), "stop");
      await pipectlJson(s3(viaGateway), "process-silver");
      expect((await expectExact()).produced).toBe(9_000);
    });

    it("a certificate instead of a password, and a range of silver", async () => {
      const { client } = rig.certificates;
      const { KAFKA_USERNAME: _, KAFKA_PASSWORD: __, ...rest } = s3(viaGateway);
      const ssl = {
        ...rest,
        KAFKA_BOOTSTRAP_SERVERS: rig.kafka.ssl,
        KAFKA_SECURITY_PROTOCOL: "SSL",
        KAFKA_CERT_FILE: client.certFile,
        KAFKA_KEY_FILE: client.keyFile,
      };
      await generate(500);
      expect(await pipectlJson(ssl, "process")).toMatchObject({ bronze: { added: 490 }, dlq: { added: 10 } });
      // Deletes what was there by a job of our own, which gets the secrets of the catalog, too.
      await pipectlJson(ssl, "process-silver", "--from", "2019-01-01", "--to", "2019-12-31");
      expect((await expectExact()).produced).toBe(9_500);
    });

    it("no secret is in a file, a log, Flink's pages, or a rendered statement", async () => {
      const secrets = [
        account.kafka.password,
        account.kafka.password.replace(/[\\"]/g, "\\$&"),
        account.flink.password,
        Buffer.from(`${account.flink.user}:${account.flink.password}`).toString("base64"),
        account.catalogToken,
        account.s3.secretKey,
        readFileSync(rig.certificates.client.keyFile, "utf8").split("\n")[1] as string,
      ];
      const places = [
        join(remoteFolder, "state"),
        join(remoteFolder, "rig", "flink"),
        join(projectRoot, "build", "sql"),
        join(homedir(), ".flink-sql-history"),
      ];
      expect(filesWith(secrets, places)).toEqual([]);
      const pages = await pagesOf(rig.flink.url);
      expect(pages.size).toBeGreaterThan(30);
      for (const [path, text] of pages)
        expect(
          secrets.filter((secret) => text.includes(secret)),
          path,
        ).toEqual([]);
      expect(readFileSync(join(projectRoot, "build", "sql", "00_catalog.sql"), "utf8")).toContain(
        `'\${CATALOG_TOKEN}'`,
      );
    });

    it("with no gateway, a command starts one of its own, and takes it away; no secret is among its arguments", async () => {
      const { GATEWAY_URL: _, ...without } = s3();
      await generate(300);
      const seen = new Set<string>();
      const watch = setInterval(async () => {
        const { stdout } = await execa("ps", ["-axww", "-o", "args="]);
        for (const line of stdout.split("\n"))
          if (line.includes(remoteFolder) && !line.includes("rig")) seen.add(line);
      }, 300);
      const result = await pipectl(without, "process", "--json");
      clearInterval(watch);
      expect(JSON.parse(result.stdout)).toMatchObject({ bronze: { added: 294 }, dlq: { added: 6 } });
      expect([...seen].some((line) => line.includes("pipectl.service=gateway-"))).toBe(true);
      expect([...seen].some((line) => line.includes("pipectl.service=sql-client-"))).toBe(true);
      for (const secret of [account.flink.password, account.catalogToken, account.s3.secretKey, "w'ord"])
        expect([...seen].filter((line) => line.includes(secret))).toEqual([]);
      const left = (await execa("ps", ["-axww", "-o", "args="])).stdout.split("\n");
      expect(left.filter((line) => line.includes(`pipectl.home=${remoteFolder}/state`))).toEqual([]);
    });

    it("OAuth2: a token that ends is got anew, and the catalog needs no commit of several tables", async () => {
      const { guard } = rig.lake("s3");
      const oauth = { id: "pipeline", secret: "s3cr:t/+ö", scope: "lake", expiresS: 3 };
      const { CATALOG_TOKEN: _, ...rest } = s3(viaGateway);
      const credentials = {
        ...rest,
        CATALOG_CREDENTIAL: `${oauth.id}:${oauth.secret}`,
        CATALOG_SCOPE: oauth.scope,
      };
      const { catalog } = { catalog: { prefix: "main/lake", warehouse: "production" } };
      guard.set({ bearer: undefined, catalog: { ...catalog, oauth, transactions: false } });
      await generate(200);
      try {
        expect(await pipectlJson(credentials, "process")).toMatchObject({ bronze: { added: 196 } });
        expect(await pipectlJson(credentials, "validate", "--deep")).toMatchObject({ status: "pass" });
        const tokens = guard.requests.filter(({ path }) => path.includes("oauth/tokens")).length;
        expect(tokens).toBeGreaterThan(2);
      } finally {
        guard.set({
          bearer: account.catalogToken,
          catalog: { ...catalog, oauth: undefined, transactions: undefined },
        });
      }
      expect((await expectExact()).produced).toBe(10_000);
    });
  },
);

describe.skipIf(missing).each(["gcs", "azure"] as const)("tables on an emulator of %s", (kind) => {
  it("up, process, validate --deep; what landed is what a plain consumer reads", async () => {
    const env = {
      ...rig.lake(kind).environment,
      ...viaGateway,
      STATE_DIR: join(remoteFolder, `state-${kind}`),
    };
    await pipectlJson(env, "up");
    await pipectlJson(env, "process");
    const { status, counts } = await pipectlJson<Validation>(env, "validate", "--deep");
    expect(status).toBe("pass");
    const consumed = await consumeAll("taxi.raw_trips", true, rig.kafka.plain);
    expect(counts.bronze + counts.dlq).toBe(consumed.length);
  });
});
