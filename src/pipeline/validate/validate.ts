import { messageOf, PipectlError } from "../../core/errors.js";
import { poll } from "../../core/poll.js";
import { worst } from "../../core/verdict.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type AccountOutcome, accountStage } from "./account-stage.js";
import { deepStages } from "./deep-stages.js";
import { withDlqLimit } from "./dlq-limit.js";
import { jobsStage } from "./jobs-stage.js";
import type { Stage, ValidateResult } from "./result.js";
import { servicesStage } from "./services-stage.js";
import { tablesStage } from "./tables-stage.js";

/**
 * Checks the pipeline stage by stage. A stage that cannot be carried out fails; the others are carried out all the
 * same, so that one run shows everything that is wrong. Changes nothing.
 */
export async function validate(
  workspace: Workspace,
  options: { readonly deep: boolean; readonly settleMs?: number },
): Promise<ValidateResult> {
  const mode = workspace.config.values.MODE;
  const settleMs = options.settleMs ?? 0;
  if (settleMs > 0) await settle(workspace, settleMs);
  const [services, jobs, account, tables] = await Promise.all([
    guarded(1, "Services", () => servicesStage(workspace)),
    guarded(2, "Flink job state", () => jobsStage(workspace)),
    guardedAccount(workspace),
    tablesStage(workspace).catch(withoutIt),
  ]);
  const stages: Stage[] = [services, jobs, settleMs > 0 ? settled(account, settleMs) : account.stage];
  let quality: ValidateResult["quality"];
  if (options.deep) {
    workspace.report({ type: "step", text: "Reading every row of the tables (--deep)" });
    const deep = await deepStages(workspace, account, guarded, settleMs);
    stages.push(...deep.stages);
    quality = deep.quality;
  }
  if (tables !== undefined) stages.push(tables);
  return {
    status: worst(stages.map((stage) => stage.status)),
    mode,
    stages,
    counts: account.counts,
    partitions: account.partitions,
    ...(quality === undefined ? {} : { quality }),
  };
}

/** Waits until every record has landed, but no longer than `timeoutMs`; what is missing then is for the stages to say. */
async function settle(workspace: Workspace, timeoutMs: number): Promise<void> {
  const { signal, report } = workspace;
  await poll(
    async () => {
      // A broker that is just starting is waited for, too.
      const outcome = await accountStage(workspace).catch((error) => {
        signal.throwIfAborted();
        if (!(error instanceof PipectlError)) throw error;
        return undefined;
      });
      return outcome?.counts?.notLanded === 0 ? true : undefined;
    },
    { what: "every record to land", timeoutMs, signal, report, intervalMs: 500 },
  ).catch((error) => {
    if (!(error instanceof PipectlError)) throw error;
  });
}

function settled({ stage, counts }: AccountOutcome, settleMs: number): Stage {
  if (counts === null || counts.notLanded === 0 || stage.status === "fail") return stage;
  return { ...stage, status: "fail", detail: `${stage.detail}, after ${settleMs / 1000} s of waiting` };
}

async function guardedAccount(workspace: Workspace): Promise<AccountOutcome> {
  let outcome: AccountOutcome | undefined;
  const stage = await guarded(3, "Account of every record", async () => {
    outcome = await accountStage(workspace);
    return await withDlqLimit(workspace, outcome.stage);
  });
  const none = { counts: null, partitions: [], streams: false, read: { bronze: {}, dlq: {} } };
  return { ...(outcome ?? none), stage };
}

/** Where the tables cannot be looked at, the account's stage has failed for it. */
function withoutIt(error: unknown): undefined {
  if (!(error instanceof PipectlError)) throw error;
}

/** Turns an error into a failed stage: a check that could not be made did not pass. */
export async function guarded(stage: number, name: string, look: () => Promise<Stage>): Promise<Stage> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof PipectlError)) throw error;
    return {
      stage,
      name,
      status: "fail",
      detail: messageOf(error),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
}
