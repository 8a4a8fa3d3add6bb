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
import { type FileName, renderFiles } from "../../sql/files.js";
import type { Workspace } from "../../workspace/workspace.js";
import { launch } from "./launch.js";

/** A job that is RUNNING. */
export interface Started {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  /** Of the state that it took over. */
  readonly path: string | undefined;
}

/** Flink's job ids are 128 bits, in hexadecimal. */
export const newJobId = () => randomBytes(16).toString("hex");

/**
 * What a job does, as far as its state depends on it: its statements, whatever the incarnation's column was called when it began.
 * But for a silver that filters by it: Flink has handed the filter to Iceberg by its name, and the state has it in files to come.
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
 * @throws PipectlError what `launch` throws
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
    const text = path === undefined ? describe(plan, account) : `takes over ${path}`;
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
      // From here on the tables know the job, whatever dies in between. A state that may hold pending rows leaves the account
      // at its snapshots: what was appended since is still to be proven.
      record: async () => {
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
 * Two machines can begin a stream at once, and each record its own job: the catalog takes both. The one that was recorded
 * last is in the right.
 *
 * @throws PipectlError (failed) `stream_running`
 */
async function requireOnRecord({ catalog, dataset }: Workspace, id: string): Promise<void> {
  const stream = recordedAccount(await catalog.table(dataset.tables.bronze))?.stream;
  if (stream?.jobs.at(-1) === id) return;
  throw failed(
    "stream_running",
    "another pipectl has begun a run or a stream meanwhile, and goes on with it",
    {
      hint: "pipectl jobs",
    },
  );
}

function describe({ ranges }: Plan, account: Account | undefined): string {
  if (account === undefined && ranges.every(({ skipped }) => skipped === 0)) return "begins with the topic";
  return `begins at ${ranges.map(({ partition, end }) => `${partition}:${end}`).join(", ")} (partition:offset)`;
}
