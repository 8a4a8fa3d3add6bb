import { failed } from "../core/errors.js";
import { namesIncarnation } from "../dataset/incarnation.js";
import { hasFormerName } from "../lake/former-names.js";
import { ensureTables, type Tables } from "../lake/tables.js";
import type { Needs } from "../workspace/workspace.js";
import { activeStreams } from "./stream-jobs.js";

/**
 * The dataset's tables for a command that writes: created where they are missing, taken over where an earlier version made them.
 * A running stream bears the new name of a column, because its files go by ids. Only a filter that Flink has handed to Iceberg
 * goes by the name: a silver that has one would find no row any more, and go on restarting.
 *
 * @throws PipectlError (failed) `silver_running` before such a stream is harmed, and what `ensureTables` throws
 */
export async function readyTables(workspace: Needs<"catalog" | "dataset" | "flink">): Promise<Tables> {
  const { catalog, dataset } = workspace;
  if (dataset.silver.filters.some(namesIncarnation)) await requireNoFollower(workspace);
  return await ensureTables(catalog, dataset);
}

async function requireNoFollower(workspace: Needs<"catalog" | "dataset" | "flink">): Promise<void> {
  const { catalog, dataset } = workspace;
  const bronze = await catalog.table(dataset.tables.bronze);
  if (bronze === undefined || !hasFormerName(bronze)) return;
  const [job] = await activeStreams(workspace, ["silver"]);
  if (job === undefined) return;
  throw failed(
    "silver_running",
    `${dataset.tables.bronze.qualified} was made by an earlier version, and job ${job.id} filters it by a column that gets another name now`,
    { hint: "pipectl stop, then the same command; or at once: pipectl restart-streaming --silver" },
  );
}
