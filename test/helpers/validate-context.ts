import { accountOutcome } from "../../src/pipeline/validate/account-outcome.js";
import type { Settled } from "../../src/pipeline/validate/settled.js";
import type { Found, StageCheck, StageContext } from "../../src/pipeline/validate/stage-check.js";
import { look } from "../../src/pipeline/validate/validate.js";
import type { Workspace } from "../../src/workspace/workspace.js";

/** What `validate` hands its stages. */
export function contextOf(workspace: Workspace, settled?: Settled): StageContext {
  const account = accountOutcome(workspace);
  account.catch(() => {});
  return { workspace, account, settled };
}

/** Carries out one stage; it must have something to say. */
export async function carryOut(check: StageCheck, workspace: Workspace, settled?: Settled): Promise<Found> {
  const found = await look(check, contextOf(workspace, settled));
  if (found === undefined) throw new Error(`${check.name} says nothing`);
  return found;
}
