import { sum } from "../../core/sum.js";
import type { StreamKind } from "../../execution/stream-jobs.js";
import type { Workspace } from "../../workspace/workspace.js";
import { runSteps } from "../batch/process.js";
import { beginSilver } from "../stream/continuous-silver.js";
import { startStreams } from "../stream/start.js";
import type { Treatment } from "./treatment.js";

/**
 * Ingests what is missing and makes silver of it, by batch runs or by the streams that ran before. Only for the owner of the
 * lock "run", when no stream runs that was stopped for the repair.
 *
 * @param stopped the streams that ran before
 */
export async function bringUpToDate(
  workspace: Workspace,
  treated: readonly Treatment[],
  stopped: readonly StreamKind[],
): Promise<void> {
  const needs = (what: Treatment["after"]) => treated.some(({ after }) => after === what);
  if (!needs("bronze") && !needs("silver")) return;
  // Somebody has seen the number, and said yes.
  const acceptLoss = sum(treated.map(({ gone }) => gone)) > 0;
  const silver = stopped.includes("silver");
  if (stopped.includes("bronze")) {
    const how = { acceptLoss, fromTables: true, latest: false, waitCheckpoint: false, silver };
    await startStreams(workspace, how);
    if (!silver) await runSteps(workspace, { bronze: false, silver: true, marts: false }, []);
    return;
  }
  await runSteps(workspace, { bronze: needs("bronze"), silver: !silver, marts: false, acceptLoss }, []);
  if (silver) await beginSilver(workspace, "it was repaired");
}
