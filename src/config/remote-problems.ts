import { readFileSync } from "node:fs";
import type { Key, Values } from "./schema.js";

/**
 * Settings that RUNTIME=remote lacks, and settings that do not go together, a line each.
 *
 * @param pathOf the absolute path of a file that a key names
 */
export function remoteProblems(values: Values, pathOf: (path: string) => string): string[] {
  if (values.RUNTIME !== "remote") return [];
  const problems: string[] = [];
  const need = (key: Key, why: string) => {
    if (isUnset(values[key])) problems.push(`${key} is not set: ${why}`);
  };
  const refuse = (key: Key, why: string) => {
    if (!isUnset(values[key])) problems.push(`${key} is set, but ${why}`);
  };
  for (const key of ["KAFKA_BOOTSTRAP_SERVERS", "FLINK_URL", "CATALOG_URL"] as const)
    need(key, "RUNTIME=remote only knows the addresses that it is given");

  const protocol = values.KAFKA_SECURITY_PROTOCOL;
  if (protocol === "SASL_SSL") {
    for (const key of ["KAFKA_USERNAME", "KAFKA_PASSWORD"] as const) need(key, "SASL_SSL wants it");
  } else {
    for (const key of ["KAFKA_USERNAME", "KAFKA_PASSWORD"] as const)
      refuse(key, `KAFKA_SECURITY_PROTOCOL=${protocol} gives no password; SASL_SSL does`);
  }
  if (protocol === "PLAINTEXT") {
    for (const key of ["KAFKA_CA_FILE", "KAFKA_CERT_FILE", "KAFKA_KEY"] as const)
      refuse(key, "KAFKA_SECURITY_PROTOCOL=PLAINTEXT has no TLS; SSL and SASL_SSL have");
  }
  if (!isUnset(values.KAFKA_CERT_FILE))
    need("KAFKA_KEY", "KAFKA_CERT_FILE is of no use without the key to it");
  if (!isUnset(values.KAFKA_KEY)) need("KAFKA_CERT_FILE", "KAFKA_KEY is of no use without its certificate");

  if (!isUnset(values.FLINK_USERNAME)) need("FLINK_PASSWORD", "FLINK_USERNAME has one");
  if (!isUnset(values.FLINK_PASSWORD)) need("FLINK_USERNAME", "FLINK_PASSWORD is somebody's");
  if (!isUnset(values.CATALOG_TOKEN))
    refuse("CATALOG_CREDENTIAL", "CATALOG_TOKEN is, too: one of them is enough");
  if (!isUnset(values.CATALOG_CREDENTIAL) && !/^[^:]+:./.test(values.CATALOG_CREDENTIAL))
    problems.push("CATALOG_CREDENTIAL must be id:secret");
  if (!isUnset(values.S3_ACCESS_KEY)) need("S3_SECRET_KEY", "S3_ACCESS_KEY has one");
  if (!isUnset(values.S3_SECRET_KEY)) need("S3_ACCESS_KEY", "S3_SECRET_KEY is somebody's");

  for (const key of ["KAFKA_CA_FILE", "KAFKA_CERT_FILE", "FLINK_CA_FILE", "CATALOG_CA_FILE"] as const) {
    if (isUnset(values[key])) continue;
    try {
      if (!readFileSync(pathOf(values[key]), "utf8").includes("-----BEGIN "))
        problems.push(`${key} names ${pathOf(values[key])}, but that file is no PEM: it has no -----BEGIN`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      problems.push(`${key} names ${pathOf(values[key])}, but that file cannot be read (${code})`);
    }
  }
  return problems;
}

const isUnset = (value: unknown) =>
  value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
