import type { Table } from "../../iceberg/catalog.js";
import { ancestorsOf, jobOf } from "../../lake/lineage.js";
import type { Tables } from "../../lake/tables.js";
import { type Account, recordedAccount } from "../../ledger/account.js";
import { recordedSilver, type SilverState } from "../../ledger/silver-state.js";

/** How far back the history of a table has to reach, and for whom. */
export interface Retention {
  /** The oldest snapshot that is needed; `all` for the whole history, undefined where nobody needs any. */
  readonly from: string | "all" | undefined;
  readonly by: string;
  /** So many snapshots of the history are that, the current one first. */
  readonly depth: number;
}

/**
 * How far back the history of a table has to reach: for the account, for silver, and for each stream. Flink's sink looks for
 * the last checkpoint of its job among the snapshots when it is restored; where that one is gone it fails for ever. Pure.
 */
export function retentionOf(kind: keyof Tables, tables: Partial<Tables>): Retention {
  const requirements = requirementsOf(kind, tables);
  const table = tables[kind];
  const ancestors = table === undefined ? [] : ancestorsOf(table);
  const whole = requirements.find(([id]) => id === null);
  if (whole !== undefined) return { from: "all", by: whole[1], depth: ancestors.length };
  const none: Retention = { from: undefined, by: "its readers", depth: 0 };
  return requirements
    .map(([id, by]): Retention => {
      const depth = ancestors.findIndex((one) => one.id === id) + 1;
      return { from: id ?? undefined, by, depth };
    })
    .reduce((deepest, one) => (one.depth > deepest.depth ? one : deepest), none);
}

/** Who needs which snapshot of a table, and those after it. Pure. */
export function requirementsOf(
  kind: keyof Tables,
  { bronze, dlq, silver }: Partial<Tables>,
): readonly RetentionRequirement[] {
  const table = { bronze, dlq, silver }[kind];
  if (table === undefined) return [];
  const account = recordedAccount(bronze);
  const state = recordedSilver(silver);
  const ancestors = ancestorsOf(table);
  return [
    ...snapshotsOf(kind, account, state),
    ...jobsOf(kind, account, state, ancestors),
    // Whoever judges the last run on another machine has nothing else.
    [ancestors.find((one) => jobOf(one) !== "")?.id, "the last run"],
  ];
}

/** Null is the table before anything was written: whoever needs that needs all that came since. */
export type RetentionRequirement = readonly [snapshot: string | null | undefined, by: string];

function snapshotsOf(
  kind: keyof Tables,
  account: Account | undefined,
  state: SilverState | undefined,
): readonly RetentionRequirement[] {
  switch (kind) {
    case "bronze":
      return [
        [account?.bronzeSnapshot, "the account"],
        [state?.bronzeSnapshot, state?.stream === undefined ? "silver" : "continuous silver"],
      ];
    case "dlq":
      return [[account?.dlqSnapshot, "the account"]];
    case "silver":
      return [[state?.silverSnapshot, "silver's own state"]];
  }
}

/** The last commits of jobs that a stream may be restored from. */
function jobsOf(
  kind: keyof Tables,
  account: Account | undefined,
  state: SilverState | undefined,
  ancestors: readonly Table["snapshots"][number][],
): readonly RetentionRequirement[] {
  const jobs = (kind === "silver" ? state?.stream?.jobs : account?.stream?.jobs) ?? [];
  return jobs.map((job) => {
    const last = ancestors.find(
      (one) => jobOf(one) === job && "flink.max-committed-checkpoint-id" in one.summary,
    );
    return [last?.id, "the stream's last checkpoint"];
  });
}
