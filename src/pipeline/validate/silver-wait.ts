import { count, plural } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import { activeStreams } from "../../execution/stream-jobs.js";
import type { Snapshot, Table } from "../../iceberg/catalog.js";
import { ancestorsOf, hasAncestor, isAppend, lastCheckpointIn } from "../../lake/lineage.js";
import type { StreamMark } from "../../lake/stream-mark.js";
import { recordedSilver, trustedState } from "../../ledger/silver-state.js";
import type { Workspace } from "../../workspace/workspace.js";
import { hasFailed } from "../maintain/maintenance-job.js";
import { hasReached, positionAt, type SilverPosition } from "../maintain/silver-position.js";

/** `none`: no stream keeps silver, or bronze has nothing. `has`: silver has everything of this bronze snapshot. */
type Found = { readonly none: true } | { readonly has: string };

/** Undefined is "not yet"; the reason was given to `say`. */
type SilverLook = (say: (reason: string) => void) => Promise<Found | undefined>;

/**
 * Looks whether the stream of silver has taken everything that bronze had at the first look. Each look asks the catalog, and
 * Flink for its last checkpoint. Only a checkpoint that can tell something new is read, because that takes a job: it was
 * completed after bronze's last commit, and is newer than the one read before.
 */
export function silverWait(workspace: Workspace, readPosition: typeof positionAt = positionAt): SilverLook {
  const { catalog, dataset, flink, signal } = workspace;
  let due: Snapshot | undefined;
  /** What was read last, and the job that it was about. */
  let read: (SilverPosition & { readonly job: string }) | undefined;

  return async (say) => {
    // Silver first: it has nothing that bronze has not.
    const silver = await catalog.table(dataset.tables.silver);
    const bronze = await catalog.table(dataset.tables.bronze);
    const stream = recordedSilver(silver)?.stream;
    if (silver === undefined || bronze?.current === undefined || stream === undefined) return { none: true };
    if (!(await isKept(workspace, stream))) return { none: true };
    due ??= newestRows(bronze) ?? bronze.current;
    const has = { has: due.id };
    const state = trustedState(silver, dataset);
    if (state === undefined) {
      say("silver is not as its stream left it: another program wrote to it, or its rules have changed");
      return undefined;
    }
    if (state.bronzeSnapshot !== null && hasAncestor(bronze, state.bronzeSnapshot, due.id)) return has;

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
      say(`the job that reads checkpoint ${last.id} of silver's stream has not ended`);
      signal.throwIfAborted();
      const found = await readPosition(workspace, last.path);
      if (hasFailed(found)) {
        say(`checkpoint ${last.id} of silver's stream cannot be read: ${found.error}`);
        return undefined;
      }
      read = { ...found, job };
      if (!hasReached(bronze, read, due.id)) {
        say(lacking(bronze, read, due));
        return undefined;
      }
    }
    // What was read until a checkpoint is committed after it, and before the next one is completed.
    if (lastCheckpointIn(silver, job) >= read.number || (last?.id ?? 0) > read.number) return has;
    say(`silver's stream has read all of bronze, and not yet committed its checkpoint ${read.number}`);
    return undefined;
  };
}

/** True where a stream keeps silver. Beside batch runs it must be at work: otherwise the next of them makes silver. */
async function isKept(workspace: Workspace, stream: StreamMark): Promise<boolean> {
  if (stream.stopped !== undefined) return false;
  if (workspace.config.values.MODE !== "batch") return true;
  return (await activeStreams(workspace, ["silver"])).length > 0;
}

/** The snapshot that brought the newest rows; a compaction brings none. */
const newestRows = (bronze: Table): Snapshot | undefined =>
  ancestorsOf(bronze).find(({ operation }) => operation !== "replace");

/** What silver lacked of bronze at a position, in words. */
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
