import type { Table } from "../../iceberg/catalog.js";
import { ancestorsOf, jobOf } from "../../lake/lineage.js";
import type { Tables } from "../../lake/tables.js";
import { type Account, recordedAccount } from "../../ledger/account.js";
import { recordedSilver, type SilverState } from "../../ledger/silver-state.js";

/** How far back the history of a table must reach, and for whom. */
export interface Retention {
  /** The oldest snapshot that is needed; `all` for the whole history, undefined when none is needed. */
  readonly from: string | "all" | undefined;
  readonly by: string;
  /** Number of snapshots from the current one back to that one. */
  readonly depth: number;
}

/**
 * How far back the history of a table must reach: for the account, for silver, and for each stream. When Flink's sink is
 * restored, it looks for the last checkpoint of its job among the snapshots; without it the restore fails for ever. Pure.
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

/** The snapshots of a table that are needed, with those after them, and by whom. Pure. */
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
    // On another machine nothing else shows the last run.
    [ancestors.find((one) => jobOf(one) !== "")?.id, "the last run"],
  ];
}

/** Null stands for the table before its first snapshot: then all snapshots are needed. */
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
