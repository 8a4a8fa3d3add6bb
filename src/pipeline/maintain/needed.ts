import type { Table } from "../../iceberg/catalog.js";
import { type Account, recordedAccount } from "../account.js";
import { ancestorsOf, jobOf } from "../history.js";
import { recordedSilver, type SilverState } from "../silver-state.js";
import type { Tables } from "../tables.js";

/** Snapshots beyond those that are needed: what a reader has begun with shall not go under its feet. */
const margin = 20;

/** Why snapshots stay that are older than somebody wanted. */
export interface Needed {
  /** Of the snapshots that lead to the current one, so many stay, the newest first. */
  readonly retainLast: number;
  /** Who needs the oldest of them. */
  readonly by: string;
}

/**
 * How far back the history of a table has to reach: for the account, for silver, and for each stream. Flink's sink looks for
 * the last checkpoint of its job among the snapshots when it is restored; where that one is gone it fails for ever. Pure.
 */
export function neededOf(kind: keyof Tables, tables: Partial<Tables>): Needed {
  if (tables[kind] === undefined) return { retainLast: 1, by: "its readers" };
  const [most, by] = depthsOf(kind, tables).reduce((a, b) => (b[0] > a[0] ? b : a));
  return { retainLast: most + margin, by };
}

/** Who needs which snapshot of a table: the how many-th on the way back from the current one, which is the first. Pure. */
export function depthsOf(
  kind: keyof Tables,
  { bronze, dlq, silver }: Partial<Tables>,
): readonly (readonly [depth: number, by: string])[] {
  const table = { bronze, dlq, silver }[kind];
  if (table === undefined) return [];
  const account = recordedAccount(bronze);
  const state = silver === undefined ? undefined : recordedSilver(silver);
  const ancestors = ancestorsOf(table);
  const depth = (found: (snapshot: Table["snapshots"][number]) => boolean) => ancestors.findIndex(found) + 1;
  // Null is the table before anything was written: then all of it is needed.
  const at = (id: string | null | undefined) => {
    if (id === undefined) return 0;
    return id === null ? ancestors.length : depth((one) => one.id === id);
  };
  return [
    [1, "its readers"],
    ...snapshotsOf(kind, account, state).map(([id, by]) => [at(id), by] as const),
    ...jobsOf(kind, account, state).map(
      ([job, by]) =>
        [
          depth((one) => jobOf(one) === job && "flink.max-committed-checkpoint-id" in one.summary),
          by,
        ] as const,
    ),
  ];
}

function snapshotsOf(
  kind: keyof Tables,
  account: Account | undefined,
  state: SilverState | undefined,
): readonly (readonly [id: string | null | undefined, by: string])[] {
  switch (kind) {
    case "bronze":
      return [
        [account?.bronzeSnapshot, "the account"],
        [state?.bronzeSnapshot, state?.stream === undefined ? "silver" : "continuous silver, since it began"],
      ];
    case "dlq":
      return [[account?.dlqSnapshot, "the account"]];
    case "silver":
      return [[state?.silverSnapshot, "silver's own state"]];
  }
}

/** Jobs that a stream may be restored from. */
function jobsOf(
  kind: keyof Tables,
  account: Account | undefined,
  state: SilverState | undefined,
): readonly (readonly [job: string, by: string])[] {
  const jobs = (kind === "silver" ? state?.stream?.jobs : account?.stream?.jobs) ?? [];
  return jobs.map((job) => [job, "the stream's last checkpoint"] as const);
}
