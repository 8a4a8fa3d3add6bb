import { setTimeout as delay } from "node:timers/promises";
import { PipectlError } from "../../core/errors.js";
import type { Workspace } from "../../workspace/workspace.js";
import { checkLag, type LagResult } from "./lag.js";

/** One of many measurements. */
export interface LagLook {
  /** Undefined when the lag could not be measured, for the reason in `error`. */
  readonly lag: LagResult | undefined;
  readonly error: PipectlError | undefined;
  /** Growth of `totalUnlanded` since the previous measurement, in records per second; null at the first. */
  readonly trend: number | null;
}

/** Measures the lag repeatedly until Ctrl-C. Services that cannot be reached are tried again. */
export async function watchLag(
  workspace: Workspace,
  everyMs: number,
  onLook: (look: LagLook) => void,
): Promise<void> {
  const { signal } = workspace;
  let before: { readonly unlanded: number; readonly at: number } | undefined;
  while (!signal.aborted) {
    try {
      const lag = await checkLag(workspace);
      const now = { unlanded: lag.totalUnlanded, at: performance.now() };
      const trend =
        before === undefined ? null : ((now.unlanded - before.unlanded) * 1000) / (now.at - before.at);
      before = now;
      onLook({ lag, error: undefined, trend });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof PipectlError)) throw error;
      before = undefined;
      onLook({ lag: undefined, error, trend: null });
    }
    await delay(everyMs, undefined, { signal }).catch(() => {});
  }
}
