import { count, plural } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import { activeStreams } from "../../execution/stream-jobs.js";
import type { Snapshot, Table } from "../../iceberg/catalog.js";
import { ancestorsOf, hasAncestor, isAppend, lastCheckpointIn } from "../../lake/lineage.js";
import { recordedSilver, trustedState } from "../../ledger/silver-state.js";
import type { Workspace } from "../../workspace/workspace.js";
import { hasFailed } from "../maintain/maintenance-job.js";
import { hasReached, positionAt, type SilverPosition } from "../maintain/silver-position.js";

/** `none`: no stream keeps silver, or bronze has nothing. `has`: silver has everything of this bronze snapshot. */
type Found = { readonly none: true } | { readonly has: string };

/**
 * Looks, again and again, whether the stream of silver has taken everything that bronze had at the first look. The catalog and
 * Flink's list of checkpoints are asked each time; a job of ours reads a checkpoint, and only one that may tell something new: it
 * was completed after bronze's last commit, and none of its kind was read before.
 *
 * @returns a look; undefined is "not yet", with the reason given to `say`
 */
export function silverWait(
  workspace: Workspace,
): (say: (reason: string) => void) => Promise<Found | undefined> {
  const { catalog, dataset, flink, config, signal } = workspace;
  let due: Snapshot | undefined;
  /** The last position that was read, and of which job. */
  let read: (SilverPosition & { readonly job: string }) | undefined;

  return async (say) => {
    // Silver first: it has nothing that bronze has not.
    const silver = await catalog.table(dataset.tables.silver);
    const bronze = await catalog.table(dataset.tables.bronze);
    const stream = recordedSilver(silver)?.stream;
    if (stream === undefined || stream.stopped !== undefined) return { none: true };
    // A dead stream beside batch runs: the next of them makes silver.
    if (config.values.MODE === "batch" && (await activeStreams(workspace, ["silver"])).length === 0)
      return { none: true };
    if (silver === undefined || bronze?.current === undefined) return { none: true };
    due ??= newestRows(bronze) ?? bronze.current;
    const has = { has: due.id };
    const state = trustedState(silver, dataset);
    if (state === undefined) {
      say(
        "silver is not as its stream left it: another program wrote to it, or the dataset's rules have changed",
      );
      return undefined;
    }
    if (state.bronzeSnapshot !== null && hasAncestor(bronze, state.bronzeSnapshot, due.id)) return has;

    const job = stream.jobs.at(-1) as string;
    if (read?.job !== job) read = undefined;
    const last = (await flink.checkpoints(job))?.lastCompleted;
    if (read === undefined || !hasReached(bronze, read, due.id)) {
      if (last === undefined || last.at < due.timestampMs) {
        say(
          `silver's stream has completed no checkpoint since bronze's last commit: job ${job} is ${await stateOf(job)}`,
        );
        return undefined;
      }
      if (last.id <= (read?.number ?? 0)) return undefined;
      say(
        `silver's stream was asked how far it is: the job that reads its checkpoint ${last.id} has not ended`,
      );
      signal.throwIfAborted();
      const found = await positionAt(workspace, last.path);
      if (hasFailed(found)) {
        say(`silver: how far its stream is cannot be read: ${found.error}`);
        return undefined;
      }
      read = { ...found, job };
      if (!hasReached(bronze, read, due.id)) {
        say(lacking(bronze, read, due));
        return undefined;
      }
    }
    // What was read until a checkpoint is committed after it, and before the next one is completed.
    const committed =
      lastCheckpointIn(silver, job) >= read.number ||
      ((await flink.checkpoints(job))?.lastCompleted?.id ?? 0) > read.number;
    if (committed) return has;
    say(`silver's stream has read all of bronze, but has not committed its checkpoint ${read.number}`);
    return undefined;
  };

  async function stateOf(job: string): Promise<string> {
    return (await flink.jobState(job)) ?? "not there";
  }
}

/** The snapshot that brought the newest rows; a compaction brings none. */
const newestRows = (bronze: Table): Snapshot | undefined =>
  ancestorsOf(bronze).find(({ operation }) => operation !== "replace");

/** What silver lacks of bronze at a position, in words. */
function lacking(bronze: Table, { snapshot, splits, number }: SilverPosition, due: Snapshot): string {
  const history = ancestorsOf(bronze);
  const from = history.findIndex(({ id }) => id === due.id);
  const to = history.findIndex(({ id }) => id === snapshot);
  const unseen = history.slice(from, to < 0 ? undefined : to).filter(isAppend);
  const rows = sum(unseen.map(({ summary }) => Number(summary["added-records"] ?? 0)));
  const parts = [
    rows > 0 ? `${count(rows)} rows of bronze that it has not looked at` : "",
    splits > 0 ? `${plural(splits, "part")} of files that it has not read` : "",
  ].filter((text) => text !== "");
  return `silver lacks rows of bronze: at its checkpoint ${number} its stream had ${parts.join(" and ")}`;
}
