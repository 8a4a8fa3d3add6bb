import { z } from "zod";
import { type KeyDefinition, key, secret } from "./key.js";
import { remoteKeys } from "./remote-keys.js";
import { count, credential, durationMs, int, port, share } from "./value-types.js";

/**
 * Every key of `.env`. This table is the only place for a key, its default and its documentation. `.env.example` and `pipectl config`
 * are made from it, and a test holds docs/configuration.md to it.
 */
export const keys = {
  MODE: key(
    "Pipeline",
    "batch",
    "batch: `process` takes what has not landed and ends. streaming_bronze: `process-streaming` takes each record as it comes",
    z.enum(["batch", "streaming_bronze"]),
  ),
  DATASET: key(
    "Pipeline",
    "taxi",
    "the manifest in datasets/ (without .yml)",
    z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, "lower-case letters, digits, _ and -"),
  ),
  SUBMIT_VIA: key(
    "Pipeline",
    "sql-client",
    "how SQL reaches Flink. sql-client: the Flink SQL client, connected to the SQL gateway. gateway: the gateway's REST API",
    z.enum(["sql-client", "gateway"]),
  ),
  PARALLELISM: key(
    "Pipeline",
    "3",
    "parallel tasks of a job; the number of topic partitions is best",
    int(1, 1_000),
  ),
  CHECKPOINT_INTERVAL: key(
    "Pipeline",
    "10s",
    "streaming_bronze: how often records become visible in bronze, each time with new files",
    durationMs.refine((ms) => ms >= 500, "at least 500ms"),
  ),
  MAINTENANCE: key(
    "Pipeline",
    "off",
    "streaming_bronze: with inline, the stream compacts the files that it writes. off: `compact-bronze` or `maintain` does, when you call it",
    z.enum(["off", "inline"]),
  ),
  CONSUMER_GROUP: key(
    "Pipeline",
    "pipectl",
    "Kafka consumer group that shows the progress to other tools",
    z.string().regex(/^[A-Za-z0-9._-]{1,200}$/, "letters, digits, dot, _ and -"),
  ),
  DLQ_MAX: key(
    "Pipeline",
    "",
    "`validate` fails when more dead letters than this are not accepted (`dlq accept`); empty: no limit",
    count,
  ),
  DLQ_MAX_SHARE: key(
    "Pipeline",
    "",
    "`validate` fails when a larger share of the last run's records became dead letters: 5% or 0.05; empty: it only warns of an unusual share",
    share,
  ),
  JOB_TIMEOUT: key("Pipeline", "2h", "a batch job that takes longer is cancelled and reported", durationMs),

  RUNTIME: key(
    "Runtime",
    "auto",
    "docker: containers, by docker-compose.yml. local: JVMs on this machine. remote: servers that somebody else operates. auto: the one of docker and local that was started last, else docker where it works, else local",
    z.enum(["auto", "docker", "local", "remote"]),
  ),
  STATE_DIR: key(
    "Runtime",
    ".pipectl",
    "where pipectl keeps the local runtime's data and logs, and what it remembers of each stack",
    z.string().min(1),
  ),
  UP_TIMEOUT: key("Runtime", "120s", "how long `up` waits for the services to answer", durationMs),
  WARM_UP: key(
    "Runtime",
    "true",
    "whether `up` has Flink load in the background what the first `process` needs (local)",
    z.enum(["true", "false"]).transform((text) => text === "true"),
  ),
  TASKMANAGERS: key("Runtime", "1", "number of Flink TaskManagers", int(1, 32)),
  TASK_SLOTS: key(
    "Runtime",
    "9",
    "slots of one TaskManager: two streams and a batch job of PARALLELISM=3",
    int(1, 256),
  ),
  TASK_HEAP_MB: key(
    "Runtime",
    "1024",
    "heap of one TaskManager for the jobs, in MB; its process takes up to 1.4 GB more",
    int(256, 262_144),
  ),

  PORT_OFFSET: key(
    "Ports",
    "0",
    "added to every port below: a second clone runs beside the first with PORT_OFFSET=100",
    int(0, 50_000),
  ),
  KAFKA_PORT: key("Ports", "9092", "Kafka", port),
  KAFKA_CONTROLLER_PORT: key("Ports", "9093", "Kafka's own controller (local runtime only)", port),
  FLINK_PORT: key("Ports", "8081", "Flink REST API and dashboard", port),
  FLINK_RPC_PORT: key("Ports", "6123", "Flink JobManager, for its TaskManagers (local runtime only)", port),
  GATEWAY_PORT: key("Ports", "8083", "Flink SQL gateway", port),
  CATALOG_PORT: key("Ports", "8181", "Iceberg REST catalog", port),
  S3_PORT: key("Ports", "9000", "S3 server with the files of the tables (docker only)", port),

  COMPOSE_PROJECT_NAME: key(
    "Docker",
    "",
    "prefix of containers and volumes; written here on first use",
    z.string().regex(/^([a-z0-9][a-z0-9_-]{0,62})?$/, "lower-case letters, digits, _ and -"),
  ),
  S3_ACCESS_KEY: secret(
    "S3",
    "docker: user of the S3 server, made up and written here on first use. remote: access key of Flink's processes; empty: their own identity",
    credential,
  ),
  S3_SECRET_KEY: secret("S3", "the secret key that belongs to it; likewise", credential),
  ...remoteKeys,
} as const satisfies Record<string, KeyDefinition>;

export type Key = keyof typeof keys;

/** The checked values, one property a key. */
export type Values = { readonly [K in Key]: z.output<(typeof keys)[K]["schema"]> };
