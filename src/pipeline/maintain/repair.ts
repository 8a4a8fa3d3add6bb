import { activeStreams, type StreamKind, streamKinds } from "../../execution/stream-jobs.js";
import { cancelJob } from "../../flink/jobs.js";
import { loadTables, type Tables } from "../../lake/tables.js";
import { readableAccount } from "../../ledger/account.js";
import { expiredOf } from "../../ledger/expired.js";
import { readableSilver } from "../../ledger/silver-state.js";
import { forCleanup, type Workspace } from "../../workspace/workspace.js";
import { beginSilver } from "../stream/continuous-silver.js";
import { requireStreamingMode, startStreams } from "../stream/start.js";

/** A stream that was restarted, and the reason. */
export interface Repair {
  readonly stream: StreamKind;
  readonly why: string;
  /** Null for a dry run. */
  readonly job: string | null;
}

/**
 * Restarts streams whose snapshots another tool has expired. Their state is useless then, but the rows show their positions:
 * bronze is counted row by row, and silver's keys are read. Only for the owner of the lock "run", unless it is a dry run.
 */
export async function repair(workspace: Workspace, dryRun: boolean): Promise<Repair[]> {
  const { catalog, dataset, report } = workspace;
  const tables = await loadTables(catalog, dataset);
  const broken = streamKinds.flatMap((kind) => {
    const why = expiredOf(kind, tables);
    return why === undefined || isStopped(kind, tables) ? [] : [{ stream: kind, why, job: null }];
  });
  if (dryRun || broken.length === 0) return broken;
  requireStreamingMode(workspace);
  const through = forCleanup(workspace);
  const kinds = broken.map(({ stream }) => stream);
  for (const { id, name } of await activeStreams(workspace, kinds)) {
    report({ type: "step", text: `Cancelling ${name}` });
    await cancelJob(through.flink, id, through.signal);
  }
  const silver = kinds.includes("silver");
  if (!kinds.includes("bronze")) {
    const { id } = await beginSilver(workspace, "its snapshots have expired");
    return broken.map((one) => ({ ...one, job: id }));
  }
  const options = { acceptLoss: false, fromTables: true, latest: false, waitCheckpoint: false, silver };
  const started = await startStreams(workspace, options);
  const jobs = { bronze: started.job.id, silver: started.silver?.job.id ?? null };
  return broken.map((one) => ({ ...one, job: jobs[one.stream] }));
}

/** True for a stream stopped on purpose. Whenever it is started, it continues at the end of the tables. */
function isStopped(kind: StreamKind, { bronze, silver }: Partial<Tables>): boolean {
  const mark = kind === "bronze" ? readableAccount(bronze)?.stream : readableSilver(silver)?.stream;
  return mark?.stopped !== undefined;
}
