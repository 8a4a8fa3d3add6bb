import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.js";
import type { Key } from "../../../src/config/schema.js";
import { root, temporaryFolder } from "../../helpers/folder.js";
import { problemOf } from "../../helpers/problem.js";

const folder = temporaryFolder();
const least = {
  RUNTIME: "remote",
  KAFKA_BOOTSTRAP_SERVERS: "a.test:9092,b.test:9093",
  FLINK_URL: "https://flink.test/path/",
  CATALOG_URL: "http://catalog.test:8181",
};
const load = (environment: Readonly<Record<string, string>>) =>
  loadConfig({ root, envFile: "test/helpers/empty.env", environment });
const problemsOf = async (more: Partial<Record<Key | `${Key}_FILE`, string>>) =>
  (await problemOf(async () => load({ ...least, ...more }))).message;
const file = (name: string, text: string) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe("RUNTIME=remote", () => {
  it("needs three addresses, and takes them", async () => {
    expect(load(least).values).toMatchObject({ FLINK_URL: "https://flink.test/path", GATEWAY_URL: "" });
    const { message } = await problemOf(async () => load({ RUNTIME: "remote" }));
    for (const key of ["KAFKA_BOOTSTRAP_SERVERS", "FLINK_URL", "CATALOG_URL"])
      expect(message).toContain(`${key} is not set`);
  });

  it("has no say where the servers are ours", () => {
    expect(load({ KAFKA_USERNAME: "left over" }).values.KAFKA_USERNAME).toBe("left over");
  });

  it.each<[string, Partial<Record<Key, string>>, RegExp]>([
    [
      "a password without SASL",
      { KAFKA_PASSWORD: "x" },
      /KAFKA_PASSWORD is set, but KAFKA_SECURITY_PROTOCOL=PLAINTEXT/,
    ],
    [
      "SASL without a user",
      { KAFKA_SECURITY_PROTOCOL: "SASL_SSL", KAFKA_PASSWORD: "x" },
      /KAFKA_USERNAME is not set/,
    ],
    ["a CA without TLS", { KAFKA_CA_FILE: "README.md" }, /KAFKA_CA_FILE is set, but .*has no TLS/],
    [
      "a certificate without its key",
      { KAFKA_SECURITY_PROTOCOL: "SSL", KAFKA_CERT_FILE: "README.md" },
      /KAFKA_KEY is not set/,
    ],
    [
      "a file that is not there",
      { FLINK_CA_FILE: "no/such.pem" },
      /FLINK_CA_FILE names .*no\/such\.pem, but .*ENOENT/,
    ],
    [
      "two kinds of credentials",
      { CATALOG_TOKEN: "t", CATALOG_CREDENTIAL: "a:b" },
      /CATALOG_CREDENTIAL is set, but/,
    ],
    ["a credential that is half of one", { CATALOG_CREDENTIAL: "only-the-id" }, /must be id:secret/],
    ["half of S3's keys", { S3_ACCESS_KEY: "abcdefgh" }, /S3_SECRET_KEY is not set/],
    [
      "a user in a URL",
      { FLINK_URL: "https://me:secret@flink.test" },
      /FLINK_URL .*'https:\/\/\*{8}@flink.test'.*without a user, a password/,
    ],
    [
      "a broker without a port",
      { KAFKA_BOOTSTRAP_SERVERS: "broker.test" },
      /KAFKA_BOOTSTRAP_SERVERS .*host:port/,
    ],
    ["an option that is none", { CATALOG_OPTIONS: "just-a-word" }, /CATALOG_OPTIONS .*name=value/],
    [
      "a header that is none",
      { FLINK_HEADERS: "no colon" },
      /FLINK_HEADERS \(environment\) is a value of 8 characters/,
    ],
  ])("refuses %s", async (_what, settings, says) => {
    expect(await problemsOf(settings)).toMatch(says);
  });

  it("takes lists apart", () => {
    const { values } = load({
      ...least,
      CATALOG_OPTIONS: "gcs.project-id=p; s3.endpoint=http://x?a=b;",
      FLINK_HEADERS: "X-One: 1\nX-Two:two: three\n",
    });
    expect(values.CATALOG_OPTIONS).toEqual({ "gcs.project-id": "p", "s3.endpoint": "http://x?a=b" });
    expect(values.FLINK_HEADERS).toEqual({ "X-One": "1", "X-Two": "two: three" });
  });
});

describe("a secret in a file of its own", () => {
  const sasl = { ...least, KAFKA_SECURITY_PROTOCOL: "SASL_SSL", KAFKA_USERNAME: "me" };

  it("is what the file holds, without the line's end, and is known as a secret", () => {
    const config = load({ ...sasl, KAFKA_PASSWORD_FILE: file("password", " p;w 'x\"\n") });
    expect(config.values.KAFKA_PASSWORD).toBe(" p;w 'x\"");
    expect(config.secrets).toContain(" p;w 'x\"");
    expect(config.sources.KAFKA_PASSWORD).toBe("environment");
  });

  it("may be named in .env as well", () => {
    const envFile = file("env", `KAFKA_PASSWORD_FILE=${file("in-env", "from-env")}\n`);
    expect(loadConfig({ root, envFile, environment: sasl }).values.KAFKA_PASSWORD).toBe("from-env");
  });

  it("gives way to a variable, which wins over .env", () => {
    const envFile = file("env2", `KAFKA_PASSWORD_FILE=${file("weaker", "weaker")}\n`);
    const environment = { ...sasl, KAFKA_PASSWORD: "stronger" };
    expect(loadConfig({ root, envFile, environment }).values.KAFKA_PASSWORD).toBe("stronger");
  });

  it.each([
    [
      "not there",
      { KAFKA_PASSWORD_FILE: "no/such/file" },
      /KAFKA_PASSWORD_FILE names .*cannot be read \(ENOENT\)/,
    ],
    ["empty", { KAFKA_PASSWORD_FILE: "test/helpers/none.env" }, /that file is empty/],
    ["given twice", { KAFKA_PASSWORD: "a", KAFKA_PASSWORD_FILE: "b" }, /are both set/],
  ])("is refused when it is %s", async (_what, settings, says) => {
    const known = { ...settings };
    if (known.KAFKA_PASSWORD_FILE?.endsWith("none.env")) known.KAFKA_PASSWORD_FILE = file("empty", "\n");
    expect((await problemOf(async () => load({ ...sasl, ...known }))).message).toMatch(says);
  });

  it("is for secrets only", async () => {
    const envFile = file("env3", "KAFKA_USERNAME_FILE=x\n");
    const { message } = await problemOf(async () => loadConfig({ root, envFile, environment: {} }));
    expect(message).toContain("KAFKA_USERNAME_FILE");
  });

  it("counts with what is made of it", () => {
    const { secrets } = load({
      ...least,
      FLINK_USERNAME: "u",
      FLINK_PASSWORD: "pass",
      CATALOG_CREDENTIAL: "id:the-secret",
      CATALOG_SECRET_OPTIONS: "a.key=one-of-two;b.key=two-of-two;c=true",
      FLINK_HEADERS: "Authorization: Bearer abcdefgh",
    });
    const basic = Buffer.from("u:pass").toString("base64");
    expect(secrets).toEqual(
      expect.arrayContaining(["pass", basic, "the-secret", "one-of-two", "two-of-two", "abcdefgh"]),
    );
    expect(secrets).not.toContain("true");
  });
});
