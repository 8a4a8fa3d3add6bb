import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { freePorts } from "../../helpers/ports.js";
import { account } from "./account.js";
import { type Certificates, certificates } from "./certificates.js";
import { type Flink, type FlinkOptions, startFlink } from "./flink.js";
import { type Guard, startGuard } from "./guard.js";
import type { Warehouse } from "./jars.js";
import { type Kafka, type KafkaOptions, startKafka } from "./kafka.js";
import { type Latency, startLatency } from "./latency.js";
import type { Server } from "./process.js";
import { type Storage, startStorage } from "./storage.js";

export { account } from "./account.js";

export interface RigOptions {
  /** Where tables may lie; each with a catalog of its own. S3 unless told. */
  readonly warehouses?: readonly Warehouse[];
  readonly kafka?: Partial<KafkaOptions>;
  readonly flink?: Partial<FlinkOptions>;
  /** Milliseconds of a round trip to every server, which `latency` changes; without it nothing stands in between. */
  readonly roundTripMs?: number;
}

export interface Lake {
  readonly storage: Storage;
  /** In front of the catalog. */
  readonly guard: Guard;
  /** For pipectl: everything, with tables in this warehouse. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Rig extends Server {
  readonly certificates: Certificates;
  readonly kafka: Kafka;
  readonly flink: Flink;
  readonly guards: { readonly flink: Guard; readonly gateway: Guard | undefined };
  /** The one on `kind`, which must be among `warehouses`. */
  lake(kind?: Warehouse): Lake;
  readonly latency: readonly Latency[];
}

/** The name and the prefix that the catalog gives its one warehouse. */
const warehouseName = "production";
const prefix = "main/lake";

/** Every server that pipectl needs and starts none of; each wants its own credentials. */
export async function startRig(folder: string, options: RigOptions = {}): Promise<Rig> {
  const { warehouses = ["s3"], roundTripMs } = options;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const started: Server[] = [];
  const latency: Latency[] = [];
  const keep = async <T extends Server>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    started.push(server);
    return server;
  };
  const stop = async () => {
    await Promise.all(started.splice(0).map((server) => server.stop()));
  };
  /** The address of what listens on `url`, as seen from far away, on `port` if it has to be that one. */
  const far = async (url: string, port?: number): Promise<string> => {
    if (roundTripMs === undefined) return url;
    const near = Number(new URL(url).port);
    const [free] = (await freePorts(1)) as [number];
    const proxy = await keep(startLatency(port ?? free, near, roundTripMs));
    latency.push(proxy);
    return url.replace(`:${near}`, `:${proxy.port}`);
  };

  try {
    const certs = await certificates(join(folder, "certificates"));
    // A broker tells its clients where to go on: behind a proxy that has to be the proxy.
    const advertised = roundTripMs === undefined ? {} : { sasl: (await freePorts(1))[0] as number };
    const users = [account.kafka];
    const starting = [
      keep(startKafka(join(folder, "kafka"), { certificates: certs, users, advertised, ...options.kafka })),
      keep(startFlink(join(folder, "flink"), { warehouses, ...options.flink })),
      Promise.all(warehouses.map(async (kind) => await keep(startStorage(folder, kind)))),
    ] as const;
    // All of them first: what starts late in a rig that has failed has to be stopped, too.
    await Promise.allSettled(starting);
    const [kafka, flink, storages] = await Promise.all(starting);

    const behindTls = { tls: certs.server, rules: { basic: account.flink } };
    const flinkGuard = await keep(startGuard(flink.url, { ...behindTls, path: "/flink" }));
    const gatewayGuard = flink.gateway && (await keep(startGuard(flink.gateway, behindTls)));
    if (advertised.sasl !== undefined) await far(`http://${kafka.saslBehind}`, advertised.sasl);
    const engines = {
      RUNTIME: "remote",
      MODE: "batch",
      NO_COLOR: "1",
      KAFKA_BOOTSTRAP_SERVERS: kafka.sasl,
      KAFKA_SECURITY_PROTOCOL: "SASL_SSL",
      KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
      KAFKA_USERNAME: account.kafka.name,
      KAFKA_PASSWORD: account.kafka.password,
      KAFKA_CA_FILE: certs.caFile,
      FLINK_URL: await far(flinkGuard.url),
      FLINK_CA_FILE: certs.caFile,
      FLINK_USERNAME: account.flink.user,
      FLINK_PASSWORD: account.flink.password,
      ...(gatewayGuard && { GATEWAY_URL: await far(gatewayGuard.url) }),
      CHECKPOINT_DIR: flink.checkpoints,
    };

    const lakes = new Map<Warehouse, Lake>();
    for (const storage of storages) {
      const rules = { bearer: account.catalogToken, catalog: { prefix, warehouse: warehouseName } };
      const guard = await keep(startGuard(storage.catalog.url, { path: "/iceberg", rules }));
      const { S3_ENDPOINT } = storage.environment;
      const environment = {
        ...engines,
        CATALOG_URL: await far(guard.url),
        // Flink has its servers in the next rack; only pipectl is far away.
        ...(roundTripMs !== undefined && { FLINK_CATALOG_URL: guard.url }),
        CATALOG_WAREHOUSE: warehouseName,
        CATALOG_TOKEN: account.catalogToken,
        ...storage.environment,
        ...(S3_ENDPOINT && { S3_ENDPOINT: await far(S3_ENDPOINT) }),
      };
      lakes.set(storage.kind, { storage, guard, environment });
    }

    return {
      certificates: certs,
      kafka,
      flink,
      guards: { flink: flinkGuard, gateway: gatewayGuard || undefined },
      lake(kind = warehouses[0] ?? "s3") {
        const lake = lakes.get(kind);
        if (lake === undefined) throw new Error(`the rig has no warehouse on ${kind}`);
        return lake;
      },
      latency,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
