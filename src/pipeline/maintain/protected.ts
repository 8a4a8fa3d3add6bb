import { activeStreams } from "../../execution/stream-jobs.js";
import { hasForgotten } from "../../lake/lineage.js";
import type { StreamMark } from "../../lake/stream-mark.js";
import type { Tables } from "../../lake/tables.js";
import { recordedAccount } from "../../ledger/account.js";
import { recordedSilver } from "../../ledger/silver-state.js";
import type { Workspace } from "../../workspace/workspace.js";

/** By table, the reason why maintenance does not touch something. */
export interface ProtectedFromMaintenance {
  readonly expire: Partial<Readonly<Record<keyof Tables, string>>>;
  readonly orphans: Partial<Readonly<Record<keyof Tables, string>>>;
}

/**
 * Things that are still needed and that only their age would protect: files referenced by no snapshot but by the last
 * checkpoint of a dead stream, and snapshots that show silver's stream which rows bronze no longer has.
 */
export async function protectedOf(
  workspace: Workspace,
  { bronze, silver }: Partial<Tables>,
): Promise<ProtectedFromMaintenance> {
  const state = recordedSilver(silver);
  const marks = { bronze: recordedAccount(bronze)?.stream, silver: state?.stream };
  const active = new Set((await activeStreams(workspace)).map(({ id }) => id));
  const isPending = (mark: StreamMark | undefined) =>
    mark !== undefined && mark.stopped?.savepoint == null && !mark.jobs.some((job) => active.has(job));
  const pending =
    "its stream has failed or was cancelled, and would resume from its last checkpoint: run pipectl process-streaming, or process, first";
  const forgotten =
    bronze !== undefined && state?.stream !== undefined && hasForgotten(bronze, state.bronzeSnapshot);
  return {
    expire: forgotten
      ? {
          bronze:
            "it was rolled back after silver's stream had read it: run pipectl process-streaming --silver first",
        }
      : {},
    orphans: {
      ...(isPending(marks.bronze) ? { bronze: pending, dlq: pending } : {}),
      ...(isPending(marks.silver) ? { silver: pending } : {}),
    },
  };
}
