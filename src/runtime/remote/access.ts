import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Config } from "../../config/load.js";
import type { Key } from "../../config/schema.js";
import { type Access, basicAuth } from "../../core/http-access.js";
import { oauthToken } from "../../core/oauth.js";
import type { KafkaAccess } from "../../kafka/client.js";
import type { AccessTo } from "../runtime.js";

type FileKey = Extract<Key, `${string}_FILE`>;

/** The text of a PEM file that a setting names. The configuration was checked, so the file exists. */
export function pemOf(config: Config, key: FileKey): string | undefined {
  const path = config.values[key];
  if (path === "") return undefined;
  return readFileSync(resolve(config.root, path), "utf8");
}

/** The object without the keys whose value is undefined or empty. */
export function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ""),
  ) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function kafkaAccess(config: Config): KafkaAccess {
  const { values } = config;
  if (values.KAFKA_SECURITY_PROTOCOL === "PLAINTEXT") return {};
  const tls = present({
    ca: pemOf(config, "KAFKA_CA_FILE"),
    cert: pemOf(config, "KAFKA_CERT_FILE"),
    key: values.KAFKA_KEY,
  });
  if (values.KAFKA_SECURITY_PROTOCOL === "SSL") return { tls };
  return {
    tls,
    sasl: {
      mechanism: values.KAFKA_SASL_MECHANISM,
      username: values.KAFKA_USERNAME,
      password: values.KAFKA_PASSWORD,
    },
  };
}

/** Access to Flink's REST API and to its SQL gateway, which is behind the same proxy. */
export function flinkAccess(config: Config, address: "FLINK_URL" | "GATEWAY_URL"): Access {
  const { values } = config;
  const basic =
    values.FLINK_USERNAME === ""
      ? {}
      : { authorization: `Basic ${basicAuth(values.FLINK_USERNAME, values.FLINK_PASSWORD)}` };
  const headers = { ...basic, ...values.FLINK_HEADERS };
  return {
    headers: async () => headers,
    settings: {
      address,
      ca: "FLINK_CA_FILE",
      credentials: "FLINK_USERNAME and FLINK_PASSWORD, or FLINK_HEADERS",
    },
    ...present({ ca: pemOf(config, "FLINK_CA_FILE") }),
  };
}

export function accessTo(config: Config): AccessTo {
  const { values } = config;
  const ca = pemOf(config, "CATALOG_CA_FILE");
  const secret = values.CATALOG_CREDENTIAL === "" ? "CATALOG_TOKEN" : "CATALOG_CREDENTIAL";
  const settings = { address: "CATALOG_URL", ca: "CATALOG_CA_FILE", credentials: secret };
  return {
    kafka: kafkaAccess(config),
    flink: flinkAccess(config, "FLINK_URL"),
    catalog: {
      settings,
      ...present({ ca, warehouse: values.CATALOG_WAREHOUSE, prefix: values.CATALOG_PREFIX }),
      ...(values.CATALOG_TOKEN === ""
        ? {}
        : { headers: async () => ({ authorization: `Bearer ${values.CATALOG_TOKEN}` }) }),
      ...(values.CATALOG_CREDENTIAL === ""
        ? {}
        : oauthToken(
            {
              url: values.CATALOG_OAUTH2_URL || `${values.CATALOG_URL}/v1/oauth/tokens`,
              credential: values.CATALOG_CREDENTIAL,
              scope: values.CATALOG_SCOPE,
              ...present({ ca }),
            },
            settings,
          )),
    },
    ...present({ savepointDir: values.CHECKPOINT_DIR === "" ? "" : `${values.CHECKPOINT_DIR}/savepoints` }),
  };
}
