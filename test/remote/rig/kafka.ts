import { pbkdf2Sync, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import kafkajs from "kafkajs";
import { oneBroker } from "../../../src/runtime/local/conf.js";
import { freePorts } from "../../helpers/ports.js";
import { type Certificates, pemOf } from "./certificates.js";
import { ownClassPaths } from "./jars.js";
import { javaFile, startJvm } from "./jvm.js";
import { ready, type Server } from "./process.js";

export interface User {
  readonly name: string;
  readonly password: string;
}

export interface KafkaOptions {
  readonly certificates: Certificates;
  /** They may log in by SCRAM-SHA-512, SCRAM-SHA-256 and PLAIN. */
  readonly users: readonly User[];
  /** Ports that the broker tells its clients in place of its own, when something stands in front of it. */
  readonly advertised?: { readonly sasl?: number; readonly ssl?: number; readonly plain?: number };
  /** Further lines of `server.properties`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Kafka extends Server {
  /** SASL_SSL; no client certificate. */
  readonly sasl: string;
  /** The same listener without what stands in front of it. */
  readonly saslBehind: string;
  /** SSL; wants a client certificate of the private authority. */
  readonly ssl: string;
  /** PLAINTEXT, for the tests' own look at the topics. */
  readonly plain: string;
}

/** One broker with a listener for each way in, on ports that nobody else uses. */
export async function startKafka(folder: string, options: KafkaOptions): Promise<Kafka> {
  mkdirSync(folder, { recursive: true });
  const [sasl, ssl, plain, controller] = (await freePorts(4)) as [number, number, number, number];
  const keyStore = join(folder, "server-store.pem");
  writeFileSync(keyStore, pemOf(options.certificates.server), { mode: 0o600 });
  const { advertised } = options;
  const settings: Record<string, string | number> = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${controller}`,
    listeners: `SASL_SSL://127.0.0.1:${sasl},SSL://127.0.0.1:${ssl},PLAINTEXT://127.0.0.1:${plain},CONTROLLER://127.0.0.1:${controller}`,
    "advertised.listeners": `SASL_SSL://127.0.0.1:${advertised?.sasl ?? sasl},SSL://127.0.0.1:${advertised?.ssl ?? ssl},PLAINTEXT://127.0.0.1:${advertised?.plain ?? plain}`,
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,PLAINTEXT:PLAINTEXT",
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": keyStore,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": options.certificates.caFile,
    "listener.name.ssl.ssl.client.auth": "required",
    "listener.name.sasl_ssl.ssl.client.auth": "none",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "listener.name.sasl_ssl.plain.sasl.jaas.config": plainUsers(options.users),
    "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": `${scramModule} required;`,
    "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": `${scramModule} required;`,
    "log.dirs": join(folder, "data"),
    ...oneBroker,
    ...options.settings,
  };
  const conf = join(folder, "server.properties");
  const text = Object.entries(settings).map(
    ([key, value]) => `${key}=${String(value).replaceAll("\\", "\\\\")}\n`,
  );
  writeFileSync(conf, text.join(""), { mode: 0o600 });

  const { broker } = await ownClassPaths();
  await format(folder, conf, broker, options.users);
  const started = startJvm(folder, {
    name: "kafka",
    classPath: broker,
    jvm: ["-XX:+UseSerialGC", "-Xmx512m"],
    main: "kafka.Kafka",
    args: [conf],
  });
  await ready("the rig's Kafka", started, async () => await listens(`127.0.0.1:${plain}`));
  return {
    sasl: `127.0.0.1:${advertised?.sasl ?? sasl}`,
    saslBehind: `127.0.0.1:${sasl}`,
    ssl: `127.0.0.1:${advertised?.ssl ?? ssl}`,
    plain: `127.0.0.1:${advertised?.plain ?? plain}`,
    stop: started.stop,
  };
}

const scramModule = "org.apache.kafka.common.security.scram.ScramLoginModule";

function plainUsers(users: readonly User[]): string {
  const words = users.map(({ name, password }) => ` user_${name}="${password.replace(/["\\]/g, "\\$&")}"`);
  return `org.apache.kafka.common.security.plain.PlainLoginModule required${words.join("")};`;
}

/** The broker's storage, with the users in it. Salted here, so that no character of a password can be misread. */
async function format(
  folder: string,
  conf: string,
  broker: readonly string[],
  users: readonly User[],
): Promise<void> {
  const scram = users.flatMap(({ name, password }) =>
    [256, 512].flatMap((bits) => {
      const salt = randomBytes(16);
      const salted = pbkdf2Sync(password, salt, 4096, bits / 8, `sha${bits}`).toString("base64");
      const record = `name=${name},iterations=4096,salt="${salt.toString("base64")}",saltedpassword="${salted}"`;
      return ["--add-scram", `SCRAM-SHA-${bits}=[${record}]`];
    }),
  );
  const id = randomBytes(16).toString("base64url");
  const quick = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  const log4j = join(folder, "format-log4j.properties");
  writeFileSync(log4j, "rootLogger.level = ERROR\n");
  await execa(javaFile(), [
    ...[...quick, `-Dlog4j.configurationFile=${log4j}`, "-cp", broker.join(":")],
    // One word, because an id may begin with a dash.
    ...["kafka.tools.StorageTool", "format", `--cluster-id=${id}`, "-c", conf, ...scram],
  ]);
}

async function listens(address: string): Promise<true | undefined> {
  const client = new kafkajs.Kafka({
    brokers: [address],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const admin = client.admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length > 0 ? true : undefined;
  } finally {
    await admin.disconnect();
  }
}
