import type { Config } from "../config/load.js";
import { type Patience, usualPatienceMs } from "../core/ask-again.js";
import type { Report } from "../core/report.js";
import { loadDataset } from "../dataset/folder.js";
import type { Dataset } from "../dataset/types.js";
import { type GatewaySession, gatewaySession, pingGateway } from "../flink/gateway.js";
import { type FlinkRest, flinkRest } from "../flink/rest.js";
import { type IcebergCatalog, icebergCatalog } from "../iceberg/catalog.js";
import { type KafkaClient, kafkaClient } from "../kafka/client.js";
import { chooseRuntime } from "../runtime/choose.js";
import type { Runtime } from "../runtime/runtime.js";

/** What every use case works with: the configuration, the dataset, and a client of each service. */
export interface Workspace {
  readonly config: Config;
  readonly dataset: Dataset;
  readonly runtime: Runtime;
  readonly kafka: KafkaClient;
  readonly flink: FlinkRest;
  readonly catalog: IcebergCatalog;
  /** Throws when the gateway does not answer. Does nothing where no gateway runs all the time. */
  readonly pingGateway: () => Promise<void>;
  /** Opens a session of the SQL gateway. Only such a session hands out rows. */
  readonly gatewaySession: (signal: AbortSignal) => Promise<GatewaySession>;
  readonly report: Report;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** For work that must be finished after Ctrl-C: publish, cancel, clean up. */
  readonly unaborted: Unaborted;
}

/** The same clients, with a signal that nothing aborts. */
export type Unaborted = Pick<Workspace, "flink" | "catalog" | "signal">;

/** The parts of the workspace that a function touches. */
export type Needs<Member extends keyof Workspace> = Pick<Workspace, Member>;

/**
 * Reads the dataset, chooses the runtime and prepares the clients; contacts no service yet. Close with `closeWorkspace`.
 *
 * @param starting true for a command that starts the stack
 * @param patienceMs how long a server that does not answer in time is asked again
 */
export async function openWorkspace(
  config: Config,
  starting: boolean,
  report: Report,
  signal: AbortSignal,
  patienceMs = usualPatienceMs,
): Promise<Workspace> {
  const dataset = loadDataset(config.root, config.values.DATASET);
  for (const text of dataset.notes) report({ type: "note", text });
  const runtime = await chooseRuntime(config, starting, report, signal);
  const patience = (): Patience => ({ ms: patienceMs, report });
  const ofGateway = patience();
  return {
    config,
    dataset,
    runtime,
    kafka: kafkaClient(runtime.endpoints.kafka, runtime.access.kafka, undefined, patience()),
    ...httpClients(runtime, signal, patience),
    unaborted: unabortedClients(runtime),
    pingGateway: async () => {
      if (runtime.endpoints.gateway === undefined) return;
      const { url, access } = await runtime.gateway(signal);
      await pingGateway(url, signal, access, ofGateway);
    },
    gatewaySession: sessionsOf(runtime, ofGateway),
    report,
    signal,
  };
}

/** Opens sessions of the runtime's SQL gateway, which is started where none runs. */
export const sessionsOf =
  (runtime: Pick<Runtime, "gateway">, patience?: Patience) => async (signal: AbortSignal) => {
    const { url, access } = await runtime.gateway(signal);
    return await gatewaySession(url, signal, access, undefined, patience);
  };

/** Kafka alone, for commands that need no dataset. */
export async function openKafka(
  config: Config,
  report: Report,
  signal: AbortSignal,
  patienceMs = usualPatienceMs,
): Promise<{ readonly kafka: KafkaClient; close(): Promise<unknown> }> {
  const runtime = await chooseRuntime(config, false, report, signal);
  const patience = { ms: patienceMs, report };
  const kafka = kafkaClient(runtime.endpoints.kafka, runtime.access.kafka, undefined, patience);
  return { kafka, close: () => Promise.all([kafka.close(), runtime.close?.()]) };
}

function httpClients({ endpoints, access }: Runtime, signal: AbortSignal, patience?: () => Patience) {
  const { flink, savepointDir, catalog } = access;
  return {
    flink: flinkRest(endpoints.flink, signal, { access: flink, savepointDir, patience: patience?.() }),
    catalog: icebergCatalog(endpoints.catalog, signal, catalog, patience?.()),
  };
}

function unabortedClients(runtime: Runtime): Unaborted {
  const { signal } = new AbortController();
  return { ...httpClients(runtime, signal), signal };
}

/** The same workspace for work that Ctrl-C does not abort. */
export const forCleanup = <W extends Needs<"unaborted">>(workspace: W): W & Unaborted => ({
  ...workspace,
  ...workspace.unaborted,
});

export async function closeWorkspace(workspace: Needs<"kafka" | "runtime">): Promise<void> {
  await Promise.all([workspace.kafka.close(), workspace.runtime.close?.()]);
}
