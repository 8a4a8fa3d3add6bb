import type { Config } from "../../config/load.js";
import type { Inside } from "../runtime.js";
import { pemOf, present } from "./access.js";

/**
 * The names and addresses in SQL with which Flink's own processes reach Kafka, the catalog and the files. A secret is written
 * as `${NAME}`, and `secrets` has the values that replace it when a statement is sent.
 */
export function insideOf(config: Config): Inside {
  const { values } = config;
  const secrets: Record<string, string> = {};
  const hidden = (name: string, value: string, written = value) => {
    if (value === "") return "";
    secrets[name] = written;
    return `\${${name}}`;
  };
  const own = Object.entries(values.CATALOG_SECRET_OPTIONS).map(
    ([name, value]) => [name, hidden(`CATALOG_SECRET_OPTIONS:${name}`, value)] as const,
  );
  const catalog = present({
    uri: values.FLINK_CATALOG_URL || values.CATALOG_URL,
    warehouse: values.CATALOG_WAREHOUSE,
    prefix: values.CATALOG_PREFIX,
    token: hidden("CATALOG_TOKEN", values.CATALOG_TOKEN),
    credential: hidden("CATALOG_CREDENTIAL", values.CATALOG_CREDENTIAL),
    "oauth2-server-uri": values.CATALOG_CREDENTIAL === "" ? "" : values.CATALOG_OAUTH2_URL,
    scope: values.CATALOG_CREDENTIAL === "" ? "" : values.CATALOG_SCOPE,
    "s3.endpoint": values.S3_ENDPOINT,
    "client.region": values.S3_REGION,
    "s3.path-style-access": values.S3_PATH_STYLE === "true" ? "true" : "",
    "s3.access-key-id": hidden("S3_ACCESS_KEY", values.S3_ACCESS_KEY),
    "s3.secret-access-key": hidden("S3_SECRET_KEY", values.S3_SECRET_KEY),
  });
  return {
    kafka: values.FLINK_KAFKA_BOOTSTRAP_SERVERS || values.KAFKA_BOOTSTRAP_SERVERS,
    kafkaProperties: kafkaProperties(config, hidden),
    catalog: { ...catalog, ...values.CATALOG_OPTIONS, ...Object.fromEntries(own) },
    secrets,
    ...present({ checkpointDir: values.CHECKPOINT_DIR }),
  };
}

/** Certificates are part of the properties (KIP-651), so that nothing has to be copied to Flink's machines. */
function kafkaProperties(
  config: Config,
  hidden: (name: string, value: string, written?: string) => string,
): Record<string, string> {
  const { values } = config;
  if (values.KAFKA_SECURITY_PROTOCOL === "PLAINTEXT") return {};
  const ca = pemOf(config, "KAFKA_CA_FILE");
  const cert = pemOf(config, "KAFKA_CERT_FILE");
  const tls = {
    "security.protocol": values.KAFKA_SECURITY_PROTOCOL,
    ...(ca === undefined ? {} : { "ssl.truststore.type": "PEM", "ssl.truststore.certificates": ca.trim() }),
    ...(cert === undefined
      ? {}
      : {
          "ssl.keystore.type": "PEM",
          "ssl.keystore.certificate.chain": cert.trim(),
          "ssl.keystore.key": hidden("KAFKA_KEY", values.KAFKA_KEY.trim()),
        }),
  };
  if (values.KAFKA_SECURITY_PROTOCOL === "SSL") return tls;
  // Within the quotes of a JAAS line, a backslash escapes the next character (javax.security.auth.login.Configuration).
  const quoted = (text: string) => text.replace(/["\\]/g, "\\$&");
  const login = values.KAFKA_SASL_MECHANISM === "PLAIN" ? "plain.Plain" : "scram.Scram";
  // flink-sql-connector-kafka contains Kafka's client under relocated names.
  const modules = "org.apache.flink.kafka.shaded.org.apache.kafka.common.security";
  const password = hidden("KAFKA_PASSWORD", values.KAFKA_PASSWORD, quoted(values.KAFKA_PASSWORD));
  return {
    ...tls,
    "sasl.mechanism": values.KAFKA_SASL_MECHANISM,
    "sasl.jaas.config": `${modules}.${login}LoginModule required username="${quoted(values.KAFKA_USERNAME)}" password="${password}";`,
  };
}
