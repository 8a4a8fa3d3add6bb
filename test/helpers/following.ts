import type { Checkpoints } from "../../src/flink/rest.js";
import type { Snapshot, Table, TableId } from "../../src/iceberg/catalog.js";
import type { StreamMark } from "../../src/lake/stream-mark.js";
import { accountProperty } from "../../src/ledger/account.js";
import { rulesOf, type SilverState, silverProperty } from "../../src/ledger/silver-state.js";
import type { SilverPosition } from "../../src/pipeline/maintain/silver-position.js";
import { accountOf, icebergTable, landedPartition, landing, topicOf, withAccount } from "./tables.js";
import { configOf, taxi, workspaceOf } from "./workspace.js";

/** A snapshot of a streaming job that appended so many rows to partition 0, of `total` in all. */
export const streamed = (
  id: string,
  parent: string | null,
  job: string,
  rows: number,
  total: number,
  checkpoint = 0,
): Snapshot => {
  const snapshot = landing(id, parent, { 0: rows });
  const of = { "total-records": String(total), "flink.job-id": job };
  return {
    ...snapshot,
    summary: { ...snapshot.summary, ...of, "flink.max-committed-checkpoint-id": String(checkpoint) },
  };
};

/** When bronze's rows came in these stories, milliseconds since 1970. */
export const landedAt = 1_700_000_000_000;

/** A story of two streams, bronze's job `b` and silver's `s`, over a topic with one partition. What a test changes is so from then on. */
export function following(mode: "batch" | "streaming_bronze" = "streaming_bronze") {
  const world = {
    /** The end of the topic. */
    end: 15,
    bronze: [streamed("b1", null, "b", 10, 10), streamed("b2", "b1", "b", 5, 15)],
    silver: [streamed("s1", null, "s", 9, 9, 3)],
    state: {
      ...{ version: 1, bronzeSnapshot: "b1", silverSnapshot: "s1", rules: rulesOf(taxi) },
      stream: { run: "r", jobs: ["s"], topology: "t" },
    } as SilverState & { readonly stream: StreamMark },
    checkpoint: undefined as Checkpoints["lastCompleted"],
    /** What a checkpoint tells of silver's stream, by its path. */
    positions: {} as Record<string, SilverPosition | { readonly error: string }>,
    /** Paths of the checkpoints that were read: each is a job. */
    read: [] as string[],
    /** Called before a table is loaded. */
    onLook: () => {},
    running: true,
    /** True where silver has lost its record. */
    unrecorded: false,
    /** Bronze's account as it stands in the table, where it is not the good one. */
    account: undefined as string | undefined,
  };
  const account = accountOf({
    ...{ bronzeSnapshot: "b1", dlqSnapshot: null, partitions: [landedPartition(0, 10)] },
    stream: { run: "r", jobs: ["b"], topology: "t" },
  });
  const tables = (): Record<string, Table> => ({
    raw_trips: icebergTable(world.bronze, {
      properties: world.account === undefined ? withAccount(account) : { [accountProperty]: world.account },
    }),
    raw_trips_dlq: icebergTable(),
    cleaned_trips: icebergTable(world.silver, {
      id: taxi.tables.silver,
      properties: world.unrecorded ? {} : { [silverProperty]: JSON.stringify(world.state) },
    }),
  });
  const stop = new AbortController();
  const job = { id: "s", name: "pipectl streaming silver taxi r", startTime: 0, durationMs: 1 };
  const workspace = workspaceOf({
    config: configOf({ MODE: mode, CHECKPOINT_INTERVAL: "10s", STATE_DIR: "/nowhere/state" }),
    kafka: {
      topicOffsets: async () => topicOf([{ partition: 0, first: 0, end: world.end }]),
      firstRecord: async (_topic, { start }) => ({ offset: start, timestampMs: Date.now() }),
      committedOffsets: async () => new Map(),
    },
    flink: {
      checkpoints: async () => ({ lastCompleted: world.checkpoint, lastFailed: undefined }),
      jobState: async () => (world.running ? "RUNNING" : undefined),
      jobs: async () => (world.running ? [{ ...job, state: "RUNNING" as const }] : []),
    },
    catalog: {
      table: async ({ table }: TableId) => {
        world.onLook();
        return tables()[table];
      },
    },
    signal: stop.signal,
  });
  const readPosition = async (_workspace: unknown, path: string) => {
    world.read.push(path);
    return world.positions[path] ?? { error: "no such checkpoint" };
  };
  /** Silver's stream completes a checkpoint, after bronze's last commit unless told. */
  const completed = (id: number, position?: Omit<SilverPosition, "number">, at = landedAt + 1) => {
    world.checkpoint = { id, at, path: `chk-${id}` };
    if (position !== undefined) world.positions[`chk-${id}`] = { ...position, number: id };
  };
  return { world, workspace, readPosition, completed, stop };
}
