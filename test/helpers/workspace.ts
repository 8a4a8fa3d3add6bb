import { join } from "node:path";
import { type Config, loadConfig } from "../../src/config/load.js";
import type { Key } from "../../src/config/schema.js";
import type { ProgressEvent } from "../../src/core/report.js";
import { loadManifest } from "../../src/dataset/manifest.js";
import type { Dataset } from "../../src/dataset/types.js";
import type { FlinkRest } from "../../src/flink/rest.js";
import type { IcebergCatalog } from "../../src/iceberg/catalog.js";
import type { KafkaClient } from "../../src/kafka/client.js";
import type { Inside, Runtime } from "../../src/runtime/runtime.js";
import { sessionsOf, type Unaborted, type Workspace } from "../../src/workspace/workspace.js";
import { root } from "./folder.js";

export const taxi = loadManifest(join(root, "datasets", "taxi.yml"));

export const configOf = (flags: Partial<Record<Key, string>> = {}): Config =>
  loadConfig({ root, environment: {}, envFile: "test/helpers/empty.env", flags });

/** What SQL names in tests that submit nothing. */
export const inside: Inside = {
  kafka: "kafka.test:9092",
  kafkaProperties: {},
  secrets: {},
  catalog: { uri: "http://catalog.test:8181", warehouse: "file:///w" },
};

interface Fakes {
  readonly kafka?: Partial<KafkaClient>;
  readonly flink?: Partial<FlinkRest>;
  readonly catalog?: Partial<IcebergCatalog>;
  readonly runtime?: Partial<Runtime>;
  /** Opens sessions of the SQL gateway; those of the runtime's gateway unless told. */
  readonly gatewaySession?: Workspace["gatewaySession"];
  readonly config?: Config;
  /** The taxi trips, unless told. */
  readonly dataset?: Dataset;
  readonly signal?: AbortSignal;
  /** The clients that Ctrl-C does not abort, where a test tells them from the others. */
  readonly unaborted?: Partial<Unaborted>;
}

/** A workspace of fakes. What a test did not give is not there: to call it is a TypeError. */
export function workspaceOf(fakes: Fakes): Workspace & { readonly events: ProgressEvent[] } {
  const events: ProgressEvent[] = [];
  const config = fakes.config ?? configOf({ STATE_DIR: "/nowhere/state" });
  const flink = (fakes.flink ?? {}) as FlinkRest;
  const catalog = (fakes.catalog ?? {}) as IcebergCatalog;
  const runtime = { home: config.stateDir, inside, access: {}, ...fakes.runtime } as Runtime;
  return {
    config,
    dataset: fakes.dataset ?? taxi,
    // A topic whose records nobody recognises, unless a test gives some.
    kafka: {
      ...{ recordAt: async () => undefined, lastRecord: async () => undefined },
      ...{ openTransactions: async () => [], mayHaveGaps: async () => false },
      ...fakes.kafka,
    } as KafkaClient,
    flink,
    catalog,
    unaborted: { flink, catalog, signal: new AbortController().signal, ...fakes.unaborted },
    pingGateway: async () => {},
    gatewaySession: fakes.gatewaySession ?? sessionsOf(runtime),
    runtime,
    report: (event) => void events.push(event),
    signal: fakes.signal ?? new AbortController().signal,
    events,
  };
}
