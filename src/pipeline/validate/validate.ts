import { type Verdict, verdictOf, worst } from "../../core/verdict.js";
import type { Workspace } from "../../workspace/workspace.js";
import { accountOutcome } from "./account-outcome.js";
import type { Stage, ValidateResult } from "./result.js";
import { settle } from "./settle.js";
import { type Found, joined, type StageCheck, type StageContext } from "./stage-check.js";
import { stageChecks } from "./stages.js";

/**
 * Checks the pipeline stage by stage. Also when a stage cannot look (`unknown`), the others run, so that one call shows
 * everything that is wrong. Changes nothing.
 */
export async function validate(
  workspace: Workspace,
  options: { readonly deep: boolean; readonly againstTopic?: boolean; readonly settleMs?: number },
): Promise<ValidateResult> {
  const settleMs = options.settleMs ?? 0;
  const settled = settleMs > 0 ? await settle(workspace, settleMs) : undefined;
  const account = accountOutcome(workspace);
  // The stages that need the account report why it failed.
  account.catch(() => {});
  const context: StageContext = { workspace, account, settled, againstTopic: options.againstTopic ?? false };
  const found = new Map<StageCheck, Found>();
  const carryOut = async (check: StageCheck) => {
    const what = await look(check, context);
    if (what !== undefined) found.set(check, what);
  };
  await Promise.all(stageChecks.filter(({ deep }) => !deep).map(carryOut));
  if (options.deep) {
    workspace.report({ type: "step", text: "Reading every row of the tables (--deep)" });
    for (const check of stageChecks.filter(({ deep }) => deep)) await carryOut(check);
  }
  const stages = stageChecks.flatMap((check, i): Stage[] => {
    const { quality: _, ...verdict } = found.get(check) ?? {};
    return isVerdict(verdict) ? [{ stage: i + 1, name: check.name, ...verdict }] : [];
  });
  const { counts, partitions } = await account.catch(() => ({ counts: null, partitions: [] }));
  const quality = [...found.values()].flatMap((one) => one.quality ?? []);
  return {
    status: worst(stages.map((stage) => stage.status)),
    mode: workspace.config.values.MODE,
    stages,
    counts,
    partitions,
    ...(options.deep ? { quality } : {}),
  };
}

const isVerdict = (verdict: Partial<Verdict>): verdict is Verdict => verdict.status !== undefined;

/** Runs a stage. Undefined when it has nothing to report, or is optional and a look cannot run. */
export async function look(
  { looks, optional = false }: Pick<StageCheck, "looks" | "optional">,
  context: StageContext,
): Promise<Found | undefined> {
  let all: Found | undefined;
  for (const one of looks) {
    let found: Found | undefined;
    try {
      found = await one(context);
    } catch (error) {
      found = verdictOf(error);
      // The other looks alone are no verdict on the stage.
      if (optional) return undefined;
    }
    if (found !== undefined) all = all === undefined ? found : joined(all, found);
  }
  return all;
}
