import { z } from "zod";
import { type KeyDefinition, key, secret } from "./key.js";
import { addresses, headers, lines, options, text, url } from "./value-types.js";

/** Addresses and credentials of servers that somebody else operates. Only for RUNTIME=remote. */
export const remoteKeys = {
  KAFKA_BOOTSTRAP_SERVERS: key(
    "Remote: Kafka",
    "",
    "brokers to begin with, as host:port,host:port",
    addresses,
  ),
  KAFKA_SECURITY_PROTOCOL: key(
    "Remote: Kafka",
    "PLAINTEXT",
    "PLAINTEXT, SSL, or SASL_SSL with a user and a password",
    z.enum(["PLAINTEXT", "SSL", "SASL_SSL"]),
  ),
  KAFKA_SASL_MECHANISM: key(
    "Remote: Kafka",
    "SCRAM-SHA-512",
    "how the password is given: SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN",
    z.enum(["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]),
  ),
  KAFKA_USERNAME: key("Remote: Kafka", "", "user of SASL_SSL", text),
  KAFKA_PASSWORD: secret("Remote: Kafka", "its password", text),
  KAFKA_CA_FILE: key(
    "Remote: Kafka",
    "",
    "PEM file of the authority that signed the brokers' certificates",
    text,
  ),
  KAFKA_CERT_FILE: key(
    "Remote: Kafka",
    "",
    "PEM file of our own certificate, where the brokers want one",
    text,
  ),
  KAFKA_KEY: secret("Remote: Kafka", "the private key to it, as PEM (PKCS #8)", lines),
  FLINK_KAFKA_BOOTSTRAP_SERVERS: key(
    "Remote: Kafka",
    "",
    "the brokers as Flink's processes reach them, where that differs",
    addresses,
  ),

  FLINK_URL: key("Remote: Flink", "", "Flink's REST API, https://… behind a proxy", url),
  GATEWAY_URL: key(
    "Remote: Flink",
    "",
    "Flink's SQL gateway; without one, each command that needs it starts its own (Java and Maven)",
    url,
  ),
  FLINK_CA_FILE: key(
    "Remote: Flink",
    "",
    "PEM file of the authority that signed the certificates of both",
    text,
  ),
  FLINK_USERNAME: key("Remote: Flink", "", "user of both, for basic authentication", text),
  FLINK_PASSWORD: secret("Remote: Flink", "its password", text),
  FLINK_HEADERS: secret("Remote: Flink", "headers that both want, as Name: value, one a line", headers),
  CHECKPOINT_DIR: key(
    "Remote: Flink",
    "",
    "URI of the folder for checkpoints and savepoints of streams; it overrides Flink's own settings",
    text,
  ),

  CATALOG_URL: key("Remote: Iceberg", "", "Iceberg REST catalog, without /v1", url),
  CATALOG_WAREHOUSE: key(
    "Remote: Iceberg",
    "",
    "the warehouse, by name or as s3://…, gs://…, abfss://…",
    text,
  ),
  CATALOG_PREFIX: key(
    "Remote: Iceberg",
    "",
    "prefix of the catalog's paths, where the catalog itself names none",
    text,
  ),
  CATALOG_CA_FILE: key(
    "Remote: Iceberg",
    "",
    "PEM file of the authority that signed the catalog's certificate",
    text,
  ),
  CATALOG_TOKEN: secret("Remote: Iceberg", "bearer token of the catalog", text),
  CATALOG_CREDENTIAL: secret(
    "Remote: Iceberg",
    "OAuth2 client credentials in place of a token, as id:secret",
    text,
  ),
  CATALOG_OAUTH2_URL: key(
    "Remote: Iceberg",
    "",
    "where OAuth2 tokens come from; empty: the catalog itself",
    url,
  ),
  CATALOG_SCOPE: key("Remote: Iceberg", "catalog", "OAuth2 scope", text),
  CATALOG_OPTIONS: key(
    "Remote: Iceberg",
    "",
    "further properties of Flink's Iceberg catalog, as name=value;name=value",
    options,
  ),
  CATALOG_SECRET_OPTIONS: secret("Remote: Iceberg", "further properties that are secret, likewise", options),
  FLINK_CATALOG_URL: key(
    "Remote: Iceberg",
    "",
    "the catalog as Flink's processes reach it, where that differs",
    url,
  ),
  S3_ENDPOINT: key("Remote: Iceberg", "", "S3 server of the tables' files, where it is not Amazon's", url),
  S3_REGION: key("Remote: Iceberg", "", "region of the bucket", text),
  S3_PATH_STYLE: key(
    "Remote: Iceberg",
    "false",
    "whether the bucket is in the path, not in the server's name",
    z.enum(["true", "false"]),
  ),
} as const satisfies Record<string, KeyDefinition>;
