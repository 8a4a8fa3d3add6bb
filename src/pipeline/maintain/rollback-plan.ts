import { failed, PipectlError, usage } from "../../core/errors.js";
import { activeStreams, type StreamKind } from "../../execution/stream-jobs.js";
import type { Snapshot, Table } from "../../iceberg/catalog.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { ancestorsOf, appendedSince, hasAncestor } from "../../lake/lineage.js";
import { loadTables, type Tables } from "../../lake/tables.js";
import { readAccount, requirePublished } from "../../ledger/account.js";
import { readableSilver, silverProperty, trustedState } from "../../ledger/silver-state.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type Forgotten, forgetStreams } from "./forget-streams.js";
import { unrecoverableOf } from "./unrecoverable.js";

/** The current snapshot of a rollback, or its target. */
export interface Place {
  /** The snapshot's id. */
  readonly id: string;
  /** ISO 8601. */
  readonly committedAt: string;
  readonly rows: number;
}

/** The effects of setting a table to a snapshot. */
export interface RollbackPlan {
  /** `namespace.table` */
  readonly table: string;
  /** `forward` undoes a rollback; `none` when the table is at that snapshot already. */
  readonly direction: "back" | "forward" | "none";
  readonly from: Place;
  readonly to: Place;
  /** Snapshots that readers lose, or get back. */
  readonly snapshots: number;
  /** True when the next bronze run counts every row, and ingests the missing ones again. */
  readonly recount: boolean;
  /** True when the next silver run rebuilds all of it. */
  readonly silverAnew: boolean;
  /** Stopped streams that can no longer resume from their savepoint or checkpoint. */
  readonly streamsForgotten: number;
  /** Records that are removed and that Kafka no longer has; null when unknown. */
  readonly gone: number | null;
  /** The next command. */
  readonly next: string;
}

/** The tables as loaded, and the effects on them. */
export interface RollbackInspection {
  readonly tables: Partial<Tables>;
  readonly forgotten: Forgotten;
  readonly plan: RollbackPlan;
}

/** Streams that a rollback of the table would break: those that write to it and those that read it. */
const users: Readonly<Record<keyof Tables, readonly StreamKind[]>> = {
  bronze: ["bronze", "silver"],
  dlq: ["bronze"],
  silver: ["silver"],
};

/** @throws PipectlError as `rollback` */
export async function inspectRollback(
  workspace: Workspace,
  kind: keyof Tables,
  to: string,
): Promise<RollbackInspection> {
  const { catalog, dataset, config } = workspace;
  const tables = await loadTables(catalog, dataset);
  const table = tables[kind];
  if (table === undefined) {
    throw failed("table_missing", `there is no table ${dataset.tables[kind].qualified}`, {
      hint: "pipectl process creates it",
    });
  }
  const { current, target, direction } = directionTo(kind, table, to);
  if (direction !== "none") {
    await requireNoUser(workspace, kind);
    requirePublished(tables);
    if (kind === "dlq" && direction === "back") requireNoReplay(table, tables.bronze, to);
  }
  const back = direction === "back";
  const forgotten: Forgotten = back ? forgetStreams(kind, to, tables) : { marks: [], properties: {} };
  const silver = readableSilver(tables.silver);
  const after = tablesAfter(tables, kind, target, forgotten);
  const follows = {
    recount: !accountHolds(after),
    silverAnew: tables.silver?.properties[silverProperty] !== undefined && !silverHolds(after, workspace),
  };
  const plan: RollbackPlan = {
    table: dataset.tables[kind].qualified,
    direction,
    from: placeOf(current),
    to: placeOf(target),
    snapshots: Math.abs(ancestorsOf(table).length - ancestorsOf({ ...table, current: target }).length),
    ...follows,
    streamsForgotten: forgotten.marks.length,
    gone: back && kind !== "silver" ? await unrecoverableOf(workspace, kind, tables, to) : 0,
    next: nextCommand(follows, config.values.MODE === "batch", silver?.stream !== undefined),
  };
  return { tables, forgotten, plan };
}

/**
 * A replay moved dead letters to bronze. If only the dead letters were rolled back, both tables would have them.
 *
 * @throws PipectlError (failed) `replay_between`
 */
function requireNoReplay(dlq: Table, bronze: Table | undefined, to: string): void {
  const history = ancestorsOf(dlq);
  const passed = history.slice(
    0,
    history.findIndex(({ id }) => id === to),
  );
  const replay = passed.findLast(({ operation }) => operation === "delete");
  if (replay === undefined || (bronze?.current?.timestampMs ?? 0) < replay.timestampMs) return;
  throw failed(
    "replay_between",
    `at ${new Date(replay.timestampMs).toISOString()} dead letters were moved to bronze (dlq replay): if only the dead letters are rolled back, both tables have them`,
    { hint: "roll back bronze first, to a snapshot before that: pipectl snapshots bronze" },
  );
}

const placeOf = (snapshot: Snapshot): Place => ({
  id: snapshot.id,
  committedAt: new Date(snapshot.timestampMs).toISOString(),
  rows: totalRecords(snapshot),
});

/**
 * The direction from the current snapshot to another one. Pure.
 *
 * @throws PipectlError (usage) `snapshot_unknown`; `snapshot_unrelated` for a snapshot that a killed run has left, or that was
 *   abandoned by a rollback
 */
function directionTo(
  kind: keyof Tables,
  table: Table,
  to: string,
): { current: Snapshot; target: Snapshot; direction: RollbackPlan["direction"] } {
  const { current } = table;
  const name = `${table.id.namespace}.${table.id.table}`;
  const target = table.snapshots.find(({ id }) => id === to);
  if (target === undefined) {
    throw usage("snapshot_unknown", `${name} has no snapshot ${to}`, {
      hint: `pipectl snapshots ${kind} lists its snapshots with their full ids`,
    });
  }
  if (current !== undefined) {
    if (current.id === to) return { current, target, direction: "none" };
    if (hasAncestor(table, current.id, to)) return { current, target, direction: "back" };
    if (hasAncestor(table, to, current.id)) return { current, target, direction: "forward" };
  }
  throw usage(
    "snapshot_unrelated",
    `snapshot ${to} of ${name} is neither an ancestor nor a descendant of the current one, ${current?.id ?? "none"}`,
    { hint: `pipectl snapshots ${kind} says which are in the history` },
  );
}

export async function requireNoUser(workspace: Workspace, kind: keyof Tables): Promise<void> {
  const [stream] = await activeStreams(workspace, users[kind]);
  if (stream === undefined) return;
  const does = stream.kind === "silver" && kind === "bronze" ? "reads" : "writes to";
  throw failed(
    "stream_running",
    `a streaming job ${does} ${workspace.dataset.tables[kind].qualified}: ${stream.id} is ${stream.state}`,
    { hint: "pipectl stop; then the same command again" },
  );
}

/** The tables as the next run will find them. */
function tablesAfter(
  tables: Partial<Tables>,
  kind: keyof Tables,
  target: Snapshot,
  { properties }: Forgotten,
): Partial<Tables> {
  const after = (name: keyof Tables, table: Table): Table => ({
    ...table,
    properties: { ...table.properties, ...properties[name] },
    ...(name === kind ? { current: target, refs: { ...table.refs, main: target.id } } : {}),
  });
  const there = Object.entries(tables) as [keyof Tables, Table][];
  return Object.fromEntries(there.map(([name, table]) => [name, after(name, table)]));
}

function accountHolds({ bronze, dlq }: Partial<Tables>): boolean {
  try {
    readAccount(bronze, dlq);
    return true;
  } catch (error) {
    if (!(error instanceof PipectlError)) throw error;
    return false;
  }
}

/** True when silver holds what bronze had at an ancestor of its current snapshot. */
function silverHolds({ bronze, silver }: Partial<Tables>, { dataset }: Workspace): boolean {
  if (bronze === undefined || silver === undefined) return false;
  const state = trustedState(silver, dataset);
  return state !== undefined && appendedSince(bronze, state.bronzeSnapshot) !== undefined;
}

function nextCommand(
  { recount, silverAnew }: Pick<RollbackPlan, "recount" | "silverAnew">,
  batch: boolean,
  continuous: boolean,
): string {
  if (!recount && !silverAnew) return "pipectl validate --deep";
  if (!batch && continuous) return "pipectl process-streaming --silver";
  if (!recount) return "pipectl process-silver";
  return batch ? "pipectl process" : "pipectl process-streaming";
}
