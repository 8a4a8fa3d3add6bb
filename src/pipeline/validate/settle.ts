import { messageOf, PipectlError } from "../../core/errors.js";
import { count } from "../../core/format.js";
import { poll } from "../../core/poll.js";
import { DamagedRecord } from "../../core/record-codec.js";
import type { Workspace } from "../../workspace/workspace.js";
import type { positionAt } from "../maintain/silver-position.js";
import { accountOutcome } from "./account-outcome.js";
import type { Settled, SilverSettled } from "./settled.js";
import { silverWait } from "./silver-wait.js";

/**
 * Milliseconds between two looks. A look may start a job, which it waits for: one that counts a stream's rows where the account
 * looks wrong, or one that reads a new checkpoint of silver's stream.
 */
const intervalMs = 500;

/**
 * Waits until every record has landed, then until continuous silver has everything that bronze has by then; together no longer
 * than `limitMs`. If something is still missing then, the stages report it. What no wait can mend ends it at once.
 */
export async function settle(
  workspace: Workspace,
  limitMs: number,
  readPosition?: typeof positionAt,
): Promise<Settled> {
  const until = performance.now() + limitMs;
  const seconds = limitMs / 1000;
  try {
    await bronzeSettled(workspace, limitMs);
    const silver = await silverSettled(workspace, Math.max(0, until - performance.now()), readPosition);
    return { seconds, ...(silver === undefined ? {} : { silver }) };
  } catch (error) {
    if (!isLasting(error)) throw error;
    return { seconds, broken: error };
  }
}

async function bronzeSettled(workspace: Workspace, timeoutMs: number): Promise<void> {
  const { signal, report } = workspace;
  await poll(
    async (why) => {
      const notLanded = await notLandedOf(workspace).catch((error) => {
        why(reasonOf(workspace, error));
        return undefined;
      });
      if (notLanded !== undefined) why(`${count(notLanded)} have not landed`);
      return notLanded === 0 ? true : undefined;
    },
    { what: "every record to land", timeoutMs, signal, report, intervalMs },
  ).catch((error) => void reasonOf(workspace, error));
}

const notLandedOf = async (workspace: Workspace) => (await accountOutcome(workspace, false)).counts.notLanded;

/** @returns undefined when no stream maintains silver, or bronze is empty */
async function silverSettled(
  workspace: Workspace,
  timeoutMs: number,
  readPosition: typeof positionAt | undefined,
): Promise<SilverSettled | undefined> {
  const { signal, report } = workspace;
  // A look that starts a job must not outlast the wait.
  const limit = AbortSignal.timeout(Math.ceil(timeoutMs));
  const limited = { ...workspace, signal: AbortSignal.any([signal, limit]) };
  const look = silverWait(limited, readPosition);
  let lacks = "silver was not looked at in time";
  let unseen: true | undefined = true;
  return await poll<SilverSettled | { readonly none: true }>(
    async (why) => {
      const say = (reason: string, isUnseen = false) => {
        lacks = reason;
        unseen = isUnseen ? true : undefined;
        why(reason);
      };
      try {
        return await look(say);
      } catch (error) {
        signal.throwIfAborted();
        // The previous reason already says what this look was for.
        if (!limit.aborted) say(`silver was not looked at: ${reasonOf(workspace, error)}`, true);
        return undefined;
      }
    },
    { what: "silver to have all of bronze", timeoutMs, signal, report, intervalMs },
  ).then(
    (found) => ("none" in found ? undefined : found),
    (error) => {
      reasonOf(workspace, error);
      return { lacks, ...(unseen === undefined ? {} : { unseen }) };
    },
  );
}

/** True for a record that is damaged or of a newer version, and for silver that is not as its stream left it. */
const isLasting = (error: unknown): error is PipectlError =>
  error instanceof DamagedRecord ||
  (error instanceof PipectlError && ["state_newer", "silver_untrusted"].includes(error.code));

/** The reason why a look failed, to wait for a service that is just starting. Ctrl-C, bugs and what lasts are thrown. */
function reasonOf({ signal }: Workspace, error: unknown): string {
  signal.throwIfAborted();
  if (!(error instanceof PipectlError) || isLasting(error)) throw error;
  return messageOf(error);
}
