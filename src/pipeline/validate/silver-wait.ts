import { failed } from "../../core/errors.js";
import { count, plural } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import { activeStreams } from "../../execution/stream-jobs.js";
import type { Snapshot, Table } from "../../iceberg/catalog.js";
import { ancestorsOf, hasAncestor, isAppend, lastCheckpointIn } from "../../lake/lineage.js";
import type { StreamMark } from "../../lake/stream-mark.js";
import {
  recordedSilver,
  type SilverState,
  trustedState,
  unrecordedSilver,
} from "../../ledger/silver-state.js";
import type { Workspace } from "../../workspace/workspace.js";
import { hasFailed } from "../maintain/maintenance-job.js";
import { hasReached, positionAt, type SilverPosition } from "../maintain/silver-position.js";

/** `none`: no stream maintains silver, or bronze is empty. `has`: silver holds this bronze snapshot completely. */
type Found = { readonly none: true } | { readonly has: string };

/** Undefined means "not yet"; the reason was passed to `say`, and true with it where silver could not be looked at. */
type SilverLook = (say: (reason: string, unseen?: boolean) => void) => Promise<Found | undefined>;

/**
 * Checks whether silver's stream has read everything that bronze had at the first look. Each look asks the catalog, and asks
 * Flink for the last checkpoint. Reading a checkpoint takes a job, so it is read only if it can show something new: it was
 * completed after bronze's last commit, and is newer than the one read before.
 *
 * A look throws PipectlError (failed) `silver_untrusted` when silver is not as its stream left it: waiting does not mend that.
 */
export function silverWait(workspace: Workspace, readPosition: typeof positionAt = positionAt): SilverLook {
  const { catalog, dataset, flink, signal } = workspace;
  let due: Snapshot | undefined;
  /** The last position read, and the job that it belongs to. */
  let read: (SilverPosition & { readonly job: string }) | undefined;

  return async (say) => {
    // Silver is loaded first, so that it has nothing that bronze does not have.
    const silver = await catalog.table(dataset.tables.silver);
    const bronze = await catalog.table(dataset.tables.bronze);
    const unrecorded = unrecordedSilver(silver);
    if (unrecorded !== undefined) throw unrecorded;
    const recorded = recordedSilver(silver);
    if (silver === undefined || bronze?.current === undefined || recorded === undefined)
      return { none: true };
    const stream = await streamOf(workspace, recorded);
    if (stream === undefined) return { none: true };
    due ??= newestRows(bronze) ?? bronze.current;
    const has = { has: due.id };
    const state = trustedState(silver, dataset);
    const made = state?.bronzeSnapshot ?? null;
    if (made !== null && hasAncestor(bronze, made, due.id)) return has;
    if (stream === "about to start") {
      say("silver's stream is about to start");
      return undefined;
    }
    if (state === undefined) throw untrusted();

    const job = stream.jobs.at(-1) as string;
    if (read?.job !== job) read = undefined;
    const last = (await flink.checkpoints(job))?.lastCompleted;
    if (read === undefined || !hasReached(bronze, read, due.id)) {
      if (last === undefined || last.at < due.timestampMs) {
        const is = (await flink.jobState(job)) ?? "not there";
        say(`silver's stream has completed no checkpoint since bronze's last commit: job ${job} is ${is}`);
        return undefined;
      }
      if (last.id <= (read?.number ?? 0)) return undefined;
      say(`the job that reads checkpoint ${last.id} of silver's stream has not ended`, true);
      signal.throwIfAborted();
      const found = await readPosition(workspace, last.path);
      if (hasFailed(found)) {
        say(`checkpoint ${last.id} of silver's stream cannot be read: ${found.error}`, true);
        return undefined;
      }
      read = { ...found, job };
      if (!hasReached(bronze, read, due.id)) {
        say(lacking(bronze, read, due));
        return undefined;
      }
    }
    // Rows read before a checkpoint are committed after it, and before the next one is completed.
    if (lastCheckpointIn(silver, job) >= read.number || (last?.id ?? 0) > read.number) return has;
    say(`silver's stream has read all of bronze, and not yet committed its checkpoint ${read.number}`);
    return undefined;
  };
}

/**
 * The stream that maintains silver; undefined when none does. In batch mode it must be running; otherwise the next batch run
 * makes silver.
 */
async function streamOf(
  workspace: Workspace,
  { stream, paused }: SilverState,
): Promise<StreamMark | "about to start" | undefined> {
  const batch = workspace.config.values.MODE === "batch";
  // A command has stopped it for a while, or prepares silver for it.
  if (!batch && (paused === true || stream?.stopped?.resumes === true)) return "about to start";
  if (stream === undefined || stream.stopped !== undefined) return undefined;
  return !batch || (await activeStreams(workspace, ["silver"])).length > 0 ? stream : undefined;
}

const untrusted = () =>
  failed(
    "silver_untrusted",
    "silver is not as its stream left it: another program wrote to it, or its rules have changed",
    { hint: "pipectl process-silver makes it anew, also beside a stream" },
  );

/** The snapshot that added the newest rows; compactions add none. */
const newestRows = (bronze: Table): Snapshot | undefined =>
  ancestorsOf(bronze).find(({ operation }) => operation !== "replace");

/** A text that says what silver lacked of bronze at a position. */
function lacking(bronze: Table, { snapshot, splits, number }: SilverPosition, due: Snapshot): string {
  const history = ancestorsOf(bronze).map(({ id }) => id);
  const seen = history.indexOf(snapshot ?? "");
  const unseen = ancestorsOf(bronze).slice(history.indexOf(due.id), seen < 0 ? undefined : seen);
  const rows = sum(unseen.filter(isAppend).map(({ summary }) => Number(summary["added-records"] ?? 0)));
  const parts = [
    rows > 0 ? `${count(rows)} rows to look at` : "",
    splits > 0 ? `${plural(splits, "part")} of files to read` : "",
  ].filter((text) => text !== "");
  return `silver lacks rows of bronze: at checkpoint ${number} its stream still had ${parts.join(" and ")}`;
}
