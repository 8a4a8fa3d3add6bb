import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../../src/config/load.js";
import { sqlContext } from "../../../../src/execution/sql-context.js";
import { withoutPlaceholders } from "../../../../src/flink/session.js";
import { insideOf } from "../../../../src/runtime/remote/inside.js";
import { bundleOf } from "../../../../src/runtime/remote/storage.js";
import { renderFiles } from "../../../../src/sql/files.js";
import { root, temporaryFolder } from "../../../helpers/folder.js";
import { taxi } from "../../../helpers/workspace.js";

const folder = temporaryFolder();
const ca = join(folder, "ca.pem");
writeFileSync(ca, "-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n");
const password = `pa"ss\\w'ord`;
const environment = {
  RUNTIME: "remote",
  KAFKA_BOOTSTRAP_SERVERS: "broker.test:9093",
  KAFKA_SECURITY_PROTOCOL: "SASL_SSL",
  KAFKA_USERNAME: 'me"',
  KAFKA_PASSWORD: password,
  KAFKA_CA_FILE: ca,
  FLINK_URL: "https://flink.test",
  CATALOG_URL: "https://catalog.test",
  CATALOG_WAREHOUSE: "s3://lake/warehouse",
  CATALOG_CREDENTIAL: "id:client-secret",
  CATALOG_OPTIONS: "gcs.project-id=p",
  CATALOG_SECRET_OPTIONS: "adls.auth.shared-key.account.key=azure-key",
  S3_ACCESS_KEY: "AKIDEXAMPLE",
  S3_SECRET_KEY: "wJalrXUtn",
  S3_REGION: "eu-central-1",
  CHECKPOINT_DIR: "s3://lake/checkpoints",
};
const config = loadConfig({ root, envFile: "test/helpers/empty.env", environment });
const inside = insideOf(config);

describe("what SQL names of servers that are not ours", () => {
  const context = sqlContext(config, taxi, inside, { run: "r", batch: false });
  const text = [...renderFiles(root, ["00_catalog", "01_source"], context).values()].join("\n");

  it("holds no secret: a name stands for each", () => {
    for (const secret of ["client-secret", "azure-key", "AKIDEXAMPLE", "wJalrXUtn", "w'ord", "w''ord"])
      expect(text).not.toContain(secret);
    for (const name of ["CATALOG_CREDENTIAL", "S3_SECRET_KEY", "KAFKA_PASSWORD"])
      expect(text).toContain(`\${${name}}`);
  });

  it("gets them when a statement is sent, quoted for their place", () => {
    const sent = withoutPlaceholders(text, inside.secrets, (secret) => secret.replaceAll("'", "''"));
    expect(sent).toContain(`username="me\\"" password="pa\\"ss\\\\w''ord";'`);
    expect(sent).toContain("'credential' = 'id:client-secret'");
    expect(sent).toContain("'adls.auth.shared-key.account.key' = 'azure-key'");
    expect(sent).not.toContain("${");
  });

  it("names the authority itself: no file has to lie on Flink's machines", () => {
    expect(text).toContain("'properties.ssl.truststore.type' = 'PEM'");
    expect(text).toContain("'properties.ssl.truststore.certificates' = '-----BEGIN CERTIFICATE-----\nQQ==\n");
  });

  it("has the region, the options, and the place for checkpoints", () => {
    expect(text).toContain("'client.region' = 'eu-central-1'");
    expect(text).toContain("'gcs.project-id' = 'p'");
    expect(text).toContain("SET 'execution.checkpointing.dir' = 's3://lake/checkpoints'");
  });

  it("leaves a name alone that is no secret of ours", () => {
    const text = `'\${HOME} \${toString} \${KAFKA_PASSWORD}'`;
    expect(withoutPlaceholders(text, { KAFKA_PASSWORD: "$&" })).toBe(`'\${HOME} \${toString} $&'`);
  });
});

describe("the jar for a warehouse", () => {
  it.each([
    ["s3://b/w", "", "iceberg-aws-bundle"],
    ["gs://b/w", "", "iceberg-gcp-bundle"],
    ["abfss://c@a.dfs.core.windows.net/w", "", "iceberg-azure-bundle"],
    ["hdfs://n/w", "", undefined],
    ["production", "", undefined],
    ["production", "eu-central-1", "iceberg-aws-bundle"],
  ])("%s, region '%s': %s", (warehouse, region, bundle) => {
    const s3 = { S3_REGION: region, S3_ENDPOINT: "", S3_ACCESS_KEY: "" };
    expect(bundleOf({ CATALOG_WAREHOUSE: warehouse, CATALOG_OPTIONS: {}, ...s3 })).toBe(bundle);
  });
});
