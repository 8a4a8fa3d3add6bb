import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Key } from "../../../src/config/schema.js";
import type { Dataset } from "../../../src/dataset/types.js";
import type { DateRange } from "../../../src/dataset/unit.js";
import { runSession } from "../../../src/execution/run-session.js";
import { type PartitionAccount, recordedAccount } from "../../../src/ledger/account.js";
import { recordedSilver } from "../../../src/ledger/silver-state.js";
import { processBronze } from "../../../src/pipeline/ingest/bronze.js";
import { processSilver } from "../../../src/pipeline/ingest/silver.js";
import { type RepairPlan, repair } from "../../../src/pipeline/repair/repair.js";
import { processStreaming, type StreamOptions } from "../../../src/pipeline/stream/start.js";
import { stopStreaming } from "../../../src/pipeline/stream/stop.js";
import { configOf, taxi, workspaceOf } from "../workspace.js";
import type { Row } from "./batch-jobs.js";
import { fakeCatalog } from "./catalog.js";
import { fakeEngine } from "./engine.js";
import { fakeFlink } from "./flink.js";
import type { StreamState } from "./streams.js";
import { fakeTopic } from "./topic.js";

/**
 * A whole stack in memory: a topic, an Iceberg catalog whose tables have rows, and a Flink that carries out the pipeline's
 * statements. Commands run on it one after the other; what counts is what readers see afterwards.
 *
 * @param root a project of the test's own: see `temporaryProject`
 */
export function fakeHouse(
  root: string,
  {
    dataset = taxi,
    flags = {},
    partitions = 2,
  }: { dataset?: Dataset; flags?: Partial<Record<Key, string>>; partitions?: number } = {},
) {
  const catalog = fakeCatalog<Row>();
  const topic = fakeTopic(partitions);
  const flink = fakeFlink<StreamState>();
  const readable = ({ bad }: Row["record"]) => bad !== true;
  const engine = fakeEngine(
    { dataset, catalog, topic, readable, unreadable: () => false, distort: (_kind, rows) => rows },
    flink,
  );
  const home = mkdtempSync(join(root, "state-"));
  const workspace = workspaceOf({
    config: { ...configOf({ SUBMIT_VIA: "gateway", STATE_DIR: home, ...flags }), root },
    ...{ dataset, catalog, kafka: topic.client, flink: flink.rest, gatewaySession: engine.session },
    runtime: {
      home,
      checkpoints: flink.checkpoints,
      jobJar: async () => "pipectl.jar",
      disks: async () => [],
    },
  });
  const table = async (kind: keyof Dataset["tables"]) => {
    const found = await catalog.table(dataset.tables[kind]);
    if (found === undefined) throw new Error(`there is no ${kind} yet`);
    return found;
  };
  return {
    ...{ workspace, catalog, topic, flink, engine, dataset, table },
    /** What readers see of a table: `key=value`, sorted. */
    seen: (kind: keyof Dataset["tables"]) =>
      catalog
        .rows(dataset.tables[kind])
        .map(({ record: { key, value } }) => `${key}=${value}`)
        .sort(),
    /** Everything, as a reader or the next run finds it: rows, branches and properties of the three tables. */
    image: async () =>
      JSON.stringify(
        await Promise.all(
          Object.values(dataset.tables).map(async (id) => {
            const found = await catalog.table(id);
            return [found?.refs, found?.properties, found?.schema, catalog.rows(id)];
          }),
        ),
      ),
    /** Runs bronze as `process` does. @param as with another manifest: see `under` */
    bronze: async (acceptLoss = false, as = workspace, acceptForeign = false) =>
      await processBronze(as, runSession(as), acceptLoss, acceptForeign),
    /** Runs silver as `process-silver` does. */
    silver: async (range?: DateRange, as = workspace) => await processSilver(as, runSession(as), range),
    /** Runs `process-streaming`; MODE must be its own. */
    stream: async (options: Partial<StreamOptions> = {}) =>
      await processStreaming(workspace, {
        ...{ acceptLoss: false, fromTables: false, latest: false, waitCheckpoint: false, silver: false },
        ...options,
      }),
    /** Runs `stop`, with a savepoint unless it is to cancel. */
    stop: async (cancel = false) => await stopStreaming(workspace, cancel),
    /** The workspace with another manifest of the same tables. */
    under: (other: Dataset) => ({ ...workspace, dataset: other }),
    /** What the account counts. */
    account: async () => {
      const account = recordedAccount(await table("bronze"));
      return account === undefined ? undefined : { ...account, partitions: account.partitions.map(counts) };
    },
    /** What the account says of values, a line for each partition. */
    hashes: async () => recordedAccount(await table("bronze"))?.partitions.map(({ hashes }) => hashes),
    /** Runs `repair`; the plans that it asks about are kept. */
    repair: async (answer = true) => {
      const plans: RepairPlan[] = [];
      const result = await repair(workspace, async (plan) => plans.push(plan) > 0 && answer);
      return { ...result, plans };
    },
    silverState: async () => recordedSilver(await table("silver")),
  };
}

const counts = ({ hashes: _, ...line }: PartitionAccount) => line;
