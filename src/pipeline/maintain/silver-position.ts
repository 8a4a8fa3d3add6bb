import type { Table } from "../../iceberg/catalog.js";
import { hasAncestor } from "../../lake/lineage.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type Outcome, runMaintenance } from "./maintenance-job.js";

/** How far silver's stream had read bronze at one of its checkpoints. */
export interface SilverPosition {
  /** The newest bronze snapshot that the job had looked at; null before the first. */
  readonly snapshot: string | null;
  /** Parts of files that it had not read to their end. */
  readonly splits: number;
  /** Number of the checkpoint that was read: a newer one than was asked for, where that was gone. */
  readonly number: number;
}

/**
 * Reads a checkpoint or savepoint of silver's stream. Only Flink's state of the job tells how far it is: a row that brings
 * nothing new leaves no trace in silver. Runs a job on the cluster.
 *
 * @throws PipectlError what `runMaintenance` throws
 */
export async function positionAt(workspace: Workspace, checkpoint: string): Promise<Outcome<SilverPosition>> {
  const [found] = await runMaintenance<SilverPosition>(workspace, [{ task: "position", checkpoint }]);
  return found as Outcome<SilverPosition>;
}

/** The bronze snapshot of which everything was read; undefined where something of it is unread. */
export const reached = ({ snapshot, splits }: SilverPosition): string | undefined =>
  splits > 0 ? undefined : (snapshot ?? undefined);

/** True where everything of a bronze snapshot was read. */
export function hasReached(bronze: Table, position: SilverPosition, snapshot: string): boolean {
  const until = reached(position);
  return until !== undefined && hasAncestor(bronze, until, snapshot);
}
