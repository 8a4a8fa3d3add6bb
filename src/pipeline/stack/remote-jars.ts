import type { Finding } from "../../core/finding.js";

/** A jar that Flink's processes need, and the pattern of its name. */
interface RequiredJar {
  readonly name: string;
  readonly sign: RegExp;
  readonly what: string;
}

const always: readonly RequiredJar[] = [
  { name: "pipectl-cluster", sign: /pipectl-cluster-/, what: "the strict JSON format" },
  { name: "flink-sql-connector-kafka", sign: /flink-(sql-)?connector-kafka-/, what: "Kafka" },
  { name: "iceberg-flink-runtime-2.1", sign: /iceberg-flink-runtime-2\.1-/, what: "Iceberg" },
  {
    name: "hadoop-client-api",
    sign: /hadoop-(client-(api|minicluster)|common)|flink-shaded-hadoop/,
    what: "Iceberg",
  },
  {
    name: "hadoop-client-runtime",
    sign: /hadoop-(client-(runtime|minicluster)|common)|flink-shaded-hadoop/,
    what: "Iceberg",
  },
];

/** A storage's clients may come in Iceberg's bundle or in the cloud provider's own jars. */
const storage: Readonly<Record<string, RequiredJar>> = {
  "iceberg-aws-bundle": {
    name: "iceberg-aws-bundle",
    sign: /iceberg-aws-bundle-|\/bundle-2\.|awssdk.*s3-2\./,
    what: "tables on s3://",
  },
  "iceberg-gcp-bundle": {
    name: "iceberg-gcp-bundle",
    sign: /iceberg-gcp-bundle-|google-cloud-storage-/,
    what: "tables on gs://",
  },
  "iceberg-azure-bundle": {
    name: "iceberg-azure-bundle",
    sign: /iceberg-azure-bundle-|azure-storage-file-datalake-/,
    what: "tables on abfss://",
  },
};

export const jarsCheck = "Jars of Flink";

/**
 * Finds the jars that are missing on a class path, by their names. Pure.
 *
 * @param bundle the bundle for the warehouse, if known
 */
export function jarsFinding(classPath: readonly string[] | undefined, bundle: string | undefined): Finding {
  const base = { check: jarsCheck };
  if (classPath === undefined || classPath.length === 0) {
    return { ...base, status: "warning", detail: "this Flink does not show its class path" };
  }
  const needed = [...always, ...(bundle === undefined ? [] : [storage[bundle] as RequiredJar])];
  const missing = needed.filter(({ sign }) => !classPath.some((jar) => sign.test(jar)));
  if (missing.length === 0)
    return { ...base, status: "ok", detail: `${needed.length} of ${needed.length} there` };
  const other = classPath
    .map((jar) => /iceberg-flink-runtime-(?!2\.1-)[\d.]+-[^/]*\.jar/.exec(jar)?.[0])
    .find(Boolean);
  const names = missing.map(({ name, what }) => `${name} (${what})`).join(", ");
  return {
    ...base,
    status: "problem",
    detail: `missing: ${names}${other === undefined ? "" : `; ${other} is for another Flink`}`,
    hint: "put them into the lib folder of the JobManager, of each TaskManager and of the SQL gateway: docs/remote.md",
  };
}
