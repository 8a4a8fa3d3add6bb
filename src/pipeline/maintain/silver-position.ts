import type { Table } from "../../iceberg/catalog.js";
import { hasAncestor } from "../../lake/lineage.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type Outcome, runMaintenance } from "./maintenance-job.js";

/** How far silver's stream had read bronze at one of its checkpoints. */
export interface SilverPosition {
  /** The newest bronze snapshot that the job had planned; null before the first. */
  readonly snapshot: string | null;
  /** Splits that it had not finished reading. */
  readonly splits: number;
  /** Number of the checkpoint that was read. It is newer than the requested one if that was deleted. */
  readonly number: number;
}

/**
 * Reads a checkpoint or savepoint of silver's stream. Only Flink's state of the job shows its position, because a row that
 * brings nothing new leaves no trace in silver. Runs a job on the cluster.
 *
 * @throws PipectlError as `runMaintenance`
 */
export async function positionAt(workspace: Workspace, checkpoint: string): Promise<Outcome<SilverPosition>> {
  const [found] = await runMaintenance<SilverPosition>(workspace, [{ task: "position", checkpoint }]);
  return found as Outcome<SilverPosition>;
}

/** The bronze snapshot that was read completely; undefined when part of it is unread. */
export const reached = ({ snapshot, splits }: SilverPosition): string | undefined =>
  splits > 0 ? undefined : (snapshot ?? undefined);

/** True when a bronze snapshot was read completely. */
export function hasReached(bronze: Table, position: SilverPosition, snapshot: string): boolean {
  const until = reached(position);
  return until !== undefined && hasAncestor(bronze, until, snapshot);
}
