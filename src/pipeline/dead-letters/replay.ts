import { count } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import { deleteDates } from "../../execution/delete-dates.js";
import { jobNames } from "../../execution/job-names.js";
import { readyTables } from "../../execution/ready-tables.js";
import { recordSchema } from "../../execution/record-schema.js";
import { reread } from "../../execution/reread.js";
import { type RunSession, runSession } from "../../execution/run-session.js";
import { joinedSums, noHashes, type RowHashes } from "../../lake/hash-sum.js";
import { appendedBetween, asOf, readFrom } from "../../lake/read-options.js";
import { loadTables, type Tables } from "../../lake/tables.js";
import type { PartitionAccount } from "../../ledger/account.js";
import { finishPublication } from "../../ledger/publication.js";
import { exclusively } from "../../workspace/lock.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type Rewritten, rewriteLanded } from "../ingest/rewrite-landed.js";
import { type Restarted, whileStopped } from "../stream/while-stopped.js";

export interface ReplayResult {
  /** Dead letters that were parsed again. */
  readonly examined: number;
  /** Dead letters that can be parsed now. They are in bronze, except after a dry run. */
  readonly replayed: number;
  /** Dead letters that stay. */
  readonly left: number;
  readonly partitions: readonly {
    readonly incarnation: number;
    readonly partition: number;
    readonly replayed: number;
  }[];
  readonly restarted: readonly Restarted[];
  readonly seconds: number;
}

/**
 * Parses every dead letter again by the current manifest. Good records move to bronze, with their place in Kafka, and are
 * removed from the dead letters: written to a branch of both tables, counted, and published like a run. A record in bronze is
 * no dead letter any more, so a second call finds nothing to do. A killed call has changed nothing, or is finished by the next
 * run.
 *
 * @param dryRun only counts, and changes no table
 */
export async function replay(workspace: Workspace, dryRun: boolean): Promise<ReplayResult> {
  const began = performance.now();
  await workspace.catalog.ping();
  const seconds = () => Math.round(performance.now() - began) / 1000;
  const none = { partitions: [], restarted: [] };
  if (dryRun)
    return {
      ...(await look(workspace, await loadTables(workspace.catalog, workspace.dataset))),
      ...none,
      seconds: seconds(),
    };
  return await exclusively(workspace, "run", async () => {
    const tables = await finishPublication(workspace, await readyTables(workspace));
    const found = await look(workspace, tables);
    if (found.replayed === 0) return { ...found, ...none, seconds: seconds() };
    const session = runSession(workspace);
    try {
      const { result, restarted } = await whileStopped(workspace, () => move(workspace, session));
      const partitions = (result?.before ?? []).flatMap(({ incarnation, partition, dlq }, at) => {
        const replayed = dlq - (result?.after[at]?.dlq ?? dlq);
        return replayed === 0 ? [] : [{ incarnation, partition, replayed }];
      });
      const replayed = sum(partitions.map((one) => one.replayed));
      const examined = sum((result?.before ?? []).map(({ dlq }) => dlq));
      return { examined, replayed, left: examined - replayed, partitions, restarted, seconds: seconds() };
    } finally {
      await session.close();
    }
  });
}

/** The number of dead letters, and how many of them can be parsed now. */
async function look(
  workspace: Workspace,
  { dlq }: Partial<Tables>,
): Promise<Pick<ReplayResult, "examined" | "replayed" | "left">> {
  if (dlq?.current === undefined) return { examined: 0, replayed: 0, left: 0 };
  workspace.report({ type: "step", text: "Reading the dead letters again" });
  const [examined = 0, replayed = 0] = await reread(
    workspace,
    "COUNT(*), COUNT(*) FILTER (WHERE p.parse_error IS NULL)",
    `${readFrom(workspace.dataset.tables.dlq, {})} AS d`,
    "d.raw_value",
    recordSchema(workspace.dataset),
  );
  return { examined, replayed, left: examined - replayed };
}

/** Returns the account's lines before and after, from which the number of moved rows follows. */
async function move(workspace: Workspace, session: RunSession): Promise<Rewritten | undefined> {
  workspace.report({ type: "step", text: "Replay: moving valid records to bronze" });
  return await rewriteLanded(workspace, session, {
    kinds: ["bronze", "dlq"],
    file: "09_replay",
    jobName: jobNames(workspace.dataset, session.run).replay,
    context: ({ dlq }) => ({ replayFrom: dlq.current?.id as string }),
    // INSERT OVERWRITE would leave a partition unchanged when no dead letter of it stays.
    before: async ({ dlq }, branch) => await deleteDates(workspace, dlq, branch, "all"),
    read: ({ bronze }, heads) => ({
      ...(heads.bronze === bronze.current?.id
        ? {}
        : { bronze: appendedBetween(bronze.current?.id ?? null, heads.bronze) }),
      dlq: asOf(heads.dlq),
    }),
    // What was moved is hashed in bronze, and what stays keeps its hashes.
    line: (before, { bronze, dlq, hashes }) =>
      bronze + dlq === before.dlq
        ? { ...before, bronze: before.bronze + bronze, dlq, hashes: moved(before, hashes) }
        : `${count(before.dlq)} dead letters, but ${count(bronze)} for bronze and ${count(dlq)} that stay`,
  });
}

const moved = ({ hashes: { bronze, dlq } = noHashes }: PartitionAccount, now: RowHashes): RowHashes => ({
  bronze: joinedSums(bronze, now.bronze),
  dlq: { ...dlq, ...now.dlq },
});
