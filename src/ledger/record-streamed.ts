import { messageOf, PipectlError } from "../core/errors.js";
import type { Queries } from "../execution/query.js";
import { loadTables } from "../lake/tables.js";
import type { Needs } from "../workspace/workspace.js";
import { readAccount, recordedAccount } from "./account.js";
import { provenStream } from "./proven.js";
import { recordAccount } from "./record-account.js";
import { withCommitted } from "./resume.js";

/** Milliseconds. A stop that takes longer than that would be worse than a count that the next start makes. */
const patienceMs = 30_000;

/**
 * Counts what a stopped stream has appended, and records it with the sums of its hashes: from then on the account knows each of
 * these rows. Where it cannot be counted, the account stays as it is, and the next start counts.
 */
export async function recordStreamed(workspace: Queries & Needs<"kafka">): Promise<void> {
  const { kafka, catalog, dataset, signal, report } = workspace;
  const limited = { ...workspace, signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) };
  try {
    const { bronze, dlq } = await loadTables(catalog, dataset);
    const recorded = recordedAccount(bronze);
    if (bronze === undefined || dlq === undefined || recorded?.stream?.stopped?.savepoint == null) return;
    readAccount(bronze, dlq);
    const isAt = recorded.bronzeSnapshot === (bronze.current?.id ?? null);
    if (isAt && recorded.dlqSnapshot === (dlq.current?.id ?? null)) return;
    const topic = await kafka.topicOffsets(dataset.topic);
    const proven = await provenStream(limited, { bronze, dlq }, recorded, topic);
    if (proven === undefined) return;
    const account = { ...proven, ...withCommitted(proven, { bronze, dlq }) };
    await recordAccount(workspace, { bronze, dlq }, account);
  } catch (error) {
    signal.throwIfAborted();
    const isOver = error instanceof DOMException && error.name === "TimeoutError";
    if (!isOver && !(error instanceof PipectlError)) throw error;
    report({
      type: "note",
      text: `what the stream has appended is counted when it starts again: ${messageOf(error)}`,
    });
  }
}
