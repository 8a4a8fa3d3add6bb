import { renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { pipectl, pipectlJson, remoteFolder } from "./pipectl.js";
import { startFlink } from "./rig/flink.js";
import { account, type Rig, startRig } from "./rig/index.js";
import { filesWith } from "./traces.js";

const missing = inject("missing") !== "";
let rig: Rig;
beforeAll(async () => {
  if (missing) return;
  rig = await startRig(join(remoteFolder, "refusing"));
  await pipectlJson(s3(), "create-topics");
  // The first session of a gateway takes longer than any after it: nobody waits for that in the tests below.
  await pipectlJson(s3(), "up");
});
afterAll(async () => await rig?.stop());

const s3 = (more: Readonly<Record<string, string>> = {}) => ({
  SUBMIT_VIA: "gateway",
  ...rig.lake().environment,
  ...more,
});

/** Every wrong setting, what is said of it, and the key that is named. */
const wrong: readonly (readonly [
  what: string,
  settings: () => Record<string, string>,
  says: RegExp,
  names: RegExp,
])[] = [
  [
    "a wrong password of Kafka",
    () => ({ KAFKA_PASSWORD: "not-the-password" }),
    /Kafka at .* does not accept our credentials/,
    /KAFKA_PASSWORD/,
  ],
  [
    "an unknown user, by PLAIN",
    () => ({ KAFKA_SASL_MECHANISM: "PLAIN", KAFKA_USERNAME: "nobody" }),
    /does not accept our credentials/,
    /KAFKA_USERNAME/,
  ],
  ["no CA for Kafka", () => ({ KAFKA_CA_FILE: "" }), /Kafka at .*verify|certificate/, /KAFKA_CA_FILE/],
  [
    "another CA for Kafka",
    () => ({ KAFKA_CA_FILE: rig.certificates.wrongCaFile }),
    /Kafka at .*certificate/,
    /KAFKA_CA_FILE/,
  ],
  [
    "no certificate of ours",
    () => ({
      KAFKA_SECURITY_PROTOCOL: "SSL",
      KAFKA_USERNAME: "",
      KAFKA_PASSWORD: "",
      KAFKA_BOOTSTRAP_SERVERS: rig.kafka.ssl,
    }),
    /Kafka at/,
    /KAFKA_CERT_FILE/,
  ],
  [
    "no TLS where Kafka wants it",
    () => ({
      KAFKA_SECURITY_PROTOCOL: "PLAINTEXT",
      KAFKA_USERNAME: "",
      KAFKA_PASSWORD: "",
      KAFKA_CA_FILE: "",
    }),
    /Kafka/,
    /KAFKA_SECURITY_PROTOCOL/,
  ],
  [
    "a wrong password of Flink",
    () => ({ FLINK_PASSWORD: "not-the-password" }),
    /Flink at .* \(HTTP 401\)/,
    /FLINK_PASSWORD/,
  ],
  [
    "another CA for Flink",
    () => ({ FLINK_CA_FILE: rig.certificates.wrongCaFile }),
    /not signed by an authority that is trusted/,
    /FLINK_CA_FILE/,
  ],
  [
    "http:// where TLS is spoken",
    () => ({ FLINK_URL: rig.lake().environment.FLINK_URL?.replace("https", "http") ?? "" }),
    /Flink/,
    /FLINK_URL/,
  ],
  [
    "nobody at Flink's address",
    () => ({ FLINK_URL: "http://127.0.0.1:1" }),
    /Flink does not answer/,
    /FLINK_URL/,
  ],
  [
    "a token that has ended",
    () => ({ CATALOG_TOKEN: "an-old-token-9876" }),
    /catalog at .* \(HTTP 401: .*not valid\)/,
    /CATALOG_TOKEN/,
  ],
  [
    "a wrong OAuth2 secret",
    () => ({ CATALOG_TOKEN: "", CATALOG_CREDENTIAL: "pipeline:not-it" }),
    /OAuth2 server/,
    /CATALOG_CREDENTIAL/,
  ],
  [
    "a warehouse that the catalog does not know",
    () => ({ CATALOG_WAREHOUSE: "nowhere" }),
    /Unable to find warehouse nowhere/,
    /CATALOG_WAREHOUSE/,
  ],
  ["a wrong region", () => ({ S3_REGION: "eu-west-1" }), /region/, /S3_REGION/],
  ["a wrong key of S3", () => ({ S3_SECRET_KEY: "not/the/secret/key" }), /signature/, /S3_SECRET_KEY/],
  [
    "nobody at the address of S3",
    () => ({ S3_ENDPOINT: "http://127.0.0.1:1" }),
    /Connection refused|ConnectException/,
    /S3_ENDPOINT/,
  ],
];

describe.skipIf(missing)("up says which setting is wrong, within ten seconds", () => {
  it.each(wrong)("%s", async (_what, settings, says, names) => {
    const { exitCode, stderr, seconds } = await pipectl(s3(settings()), "up");
    expect(exitCode).toBe(3);
    const error = stderr.slice(stderr.indexOf("error:"));
    expect(error).toMatch(says);
    expect(error).toMatch(new RegExp(`try: .*${names.source}`));
    expect(seconds).toBeLessThan(10);
    for (const secret of Object.values(settings()))
      if (secret.startsWith("not")) expect(stderr).not.toContain(secret);
  });

  const catalogRules = { prefix: "main/lake", warehouse: "production", readOnly: false };
  afterEach(() => {
    const { guard } = rig.lake();
    guard.set({ bearer: account.catalogToken, status: undefined, catalog: catalogRules });
  });

  it("a catalog that only lets read", async () => {
    rig.lake().guard.set({ catalog: { ...catalogRules, readOnly: true } });
    const { exitCode, stderr } = await pipectl(s3(), "up");
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/creating .*does not permit it: Principal 'reader'/);
    expect(stderr).toMatch(/try: .*CATALOG_TOKEN the rights/);
  });

  it("a bucket that is not there", async () => {
    // The server keeps a bucket as a folder.
    const bucket = join(remoteFolder, "refusing", "s3", "data", account.bucket);
    renameSync(bucket, `${bucket}-away`);
    try {
      const { exitCode, stderr, seconds } = await pipectl(s3(), "up");
      expect(exitCode).toBe(3);
      expect(stderr).toMatch(/bucket/i);
      expect(stderr).toMatch(/try: .*CATALOG_WAREHOUSE/);
      expect(seconds).toBeLessThan(10);
    } finally {
      renameSync(`${bucket}-away`, bucket);
    }
  });

  it("a gateway that does not reach the catalog: the credential is not in its log", async () => {
    const oauth = { id: "pipeline", secret: "never-in-a-log-4711", expiresS: 60 };
    rig.lake().guard.set({ bearer: undefined, catalog: { ...catalogRules, oauth } });
    const settings = {
      CATALOG_TOKEN: "",
      CATALOG_CREDENTIAL: `${oauth.id}:${oauth.secret}`,
      FLINK_CATALOG_URL: "http://127.0.0.1:1",
    };
    expect(
      (await pipectlJson<{ services: { state: string }[] }>(s3(settings), "status")).services,
    ).toHaveLength(4);
    const { exitCode, stderr } = await pipectl(s3(settings), "up");
    rig.lake().guard.set({ catalog: { ...catalogRules, oauth: undefined } });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/From Flink: .*\n.*try: .*FLINK_CATALOG_URL/);
    expect(filesWith([oauth.secret], [join(remoteFolder, "refusing", "flink")])).toEqual([]);
  });

  it("nothing is left of the looks, and up succeeds again", async () => {
    await pipectlJson(s3(), "up");
    expect(JSON.stringify(await pipectlJson(s3(), "query", "SHOW TABLES IN bronze"))).not.toContain("check");
  });
});

describe.skipIf(missing)("other commands", () => {
  it("process names the key, too, and publishes nothing", async () => {
    await pipectlJson(s3(), "generate", "--count", "100");
    const { exitCode, stderr } = await pipectl(s3({ S3_SECRET_KEY: "not/the/secret/key" }), "process-bronze");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/nothing was published[\s\S]*FAILED: S3Exception[\s\S]*try: check S3_ACCESS_KEY/);
  });

  it("down, restart, logs and demo say whose the servers are, and touch no stream", async () => {
    const streaming = s3({ MODE: "streaming_bronze" });
    await pipectlJson(streaming, "process-streaming");
    for (const command of ["down", "restart", "logs", "demo"]) {
      const { exitCode, stderr } = await pipectl(s3(), command);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining("RUNTIME=remote")]);
    }
    const { jobs } = await pipectlJson<{ jobs: { state: string }[] }>(streaming, "status");
    expect(jobs.map(({ state }) => state)).toEqual(["RUNNING"]);
    // The slots that it has are no problem of the servers.
    await pipectlJson(streaming, "up");
    await pipectlJson(streaming, "stop");
  });
});

describe.skipIf(missing)("doctor", () => {
  it("names the jars that Flink lacks, before a job does", async () => {
    const folder = join(remoteFolder, "refusing", "bare");
    const flink = await startFlink(folder, {
      warehouses: [],
      gateway: false,
      without: /pipectl-cluster|hadoop-client-api/,
    });
    try {
      const { exitCode, stdout } = await pipectl(s3({ FLINK_URL: flink.url }), "doctor");
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(
        /Jars of Flink +missing: pipectl-cluster .*, hadoop-client-api .*, iceberg-aws-bundle/,
      );
    } finally {
      await flink.stop();
    }
  });

  it("finds nothing wrong where nothing is", async () => {
    const { exitCode, stdout } = await pipectl(s3(), "doctor");
    expect([exitCode, stdout]).toEqual([0, expect.not.stringMatching(/^problem/m)]);
  });
});
