import { createHash, randomBytes } from "node:crypto";
import { failed } from "../../core/errors.js";
import { namesIncarnation, underFormerName } from "../../dataset/incarnation.js";
import { deleteOldState } from "../../execution/delete-state.js";
import { jobNames } from "../../execution/job-names.js";
import { runSession } from "../../execution/run-session.js";
import { sqlContext } from "../../execution/sql-context.js";
import { cancelJob } from "../../flink/jobs.js";
import type { JobState } from "../../flink/rest.js";
import type { Plan } from "../../lake/ranges.js";
import type { Tables } from "../../lake/tables.js";
import { type Account, advance, readableAccount, recordedAccount } from "../../ledger/account.js";
import { recordAccount, recordMark } from "../../ledger/record-account.js";
import { nextMark, type Start } from "../../ledger/resume.js";
import { markTopic } from "../../ledger/topic-mark.js";
import { type FileName, renderFiles } from "../../sql/files.js";
import type { Workspace } from "../../workspace/workspace.js";
import { launch } from "./launch.js";

/** A job that is RUNNING. */
export interface Started {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  /** Path of the state that it resumed from. */
  readonly path: string | undefined;
}

/** Flink's job ids are 128 bits, in hexadecimal. */
export const newJobId = () => randomBytes(16).toString("hex");

/**
 * A hash of the job's statements, on which its state depends, whatever the incarnation's column was called when it began. A silver
 * that filters by the column is an exception: Flink passes the filter to Iceberg by name, and the state holds it with pending files.
 */
export function topologyOf({ config, dataset, runtime }: Workspace, file: FileName, incarnation = 0): string {
  const context = sqlContext(config, dataset, runtime.inside, { run: "", incarnation, batch: false });
  const filters = dataset.silver.filters.some(namesIncarnation);
  const [sql] = renderFiles(config.root, [file], context).values();
  return createHash("md5")
    .update(filters ? (sql as string) : underFormerName(sql as string))
    .digest("hex");
}

/**
 * Records a new bronze job in the account, submits it, and returns when it is RUNNING.
 *
 * @throws PipectlError as `launch`
 */
export async function submitStream(
  workspace: Workspace,
  tables: Tables,
  how: { readonly plan: Plan; readonly start: Start; readonly account: Account | undefined },
): Promise<Started> {
  const { dataset, report } = workspace;
  const { plan, start, account } = how;
  const session = runSession(workspace);
  session.open();
  try {
    const id = newJobId();
    const before = readableAccount(tables.bronze)?.stream;
    const stream = nextMark(before, start, id, {
      run: session.run,
      topology: topologyOf(workspace, "07_streaming_bronze", plan.incarnation),
    });
    const path = start.from === "state" ? start.path : undefined;
    const text = path === undefined ? describe(plan, account) : `resumes from ${path}`;
    report({ type: "step", text: `Stream: ${text}` });
    const state = await launch(workspace, session, {
      id,
      file: "07_streaming_bronze",
      context: {
        run: session.run,
        ranges: plan.ranges.map((range) => ({ ...range, start: range.start + range.skipped })),
        incarnation: plan.incarnation,
      },
      statePath: path,
      // From here on the tables know the job, whatever is killed in between. With a state that may hold pending rows,
      // the account stays at its snapshots: rows appended since are still to be proven.
      record: async () => {
        await markTopic(workspace, [tables.bronze, tables.dlq], plan);
        if (start.from === "state" && start.pending) await recordMark(workspace, tables.bronze, stream);
        else await recordAccount(workspace, tables, { ...advance(account, plan, session.run), stream });
        await requireOnRecord(workspace, id);
      },
    });
    await requireOnRecord(workspace, id).catch(async (error) => {
      const { flink, signal } = workspace.unaborted;
      await cancelJob(flink, id, signal);
      throw error;
    });
    await deleteOldState(workspace, before, path);
    return { id, name: jobNames(dataset, session.run).streamingBronze, state, path };
  } finally {
    await session.close();
  }
}

/**
 * Two machines can start a stream at the same time and each record its own job, since the catalog accepts both commits. The
 * job that was recorded last continues.
 *
 * @throws PipectlError (failed) `stream_running`
 */
async function requireOnRecord({ catalog, dataset }: Workspace, id: string): Promise<void> {
  const stream = recordedAccount(await catalog.table(dataset.tables.bronze))?.stream;
  if (stream?.jobs.at(-1) === id) return;
  throw failed(
    "stream_running",
    "another pipectl has started a run or a stream meanwhile, and continues with it",
    {
      hint: "pipectl jobs",
    },
  );
}

function describe({ ranges }: Plan, account: Account | undefined): string {
  if (account === undefined && ranges.every(({ skipped }) => skipped === 0)) return "begins with the topic";
  return `begins at ${ranges.map(({ partition, end }) => `${partition}:${end}`).join(", ")} (partition:offset)`;
}
