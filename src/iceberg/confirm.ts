import { setTimeout as delay } from "node:timers/promises";
import { PipectlError, unavailable } from "../core/errors.js";

/** A commit, and how its outcome is looked up. */
export interface Commit<Answer extends { readonly status: number }> {
  /** "committing to bronze.raw_trips" */
  readonly what: string;
  /** Sends it. It can be sent again: it is conditional, or sets what it has set. */
  send(): Promise<Answer>;
  /** True when the table shows that it was made. */
  landed(): Promise<boolean>;
  /** Throws the error that an answer stands for. */
  refuse(answer: Answer): never;
}

/** Milliseconds before each look at a table: a catalog of several servers may need a moment to show what it has done. */
const looksMs = [0, 200, 600];
const attempts = 3;
/** Milliseconds after which nothing is begun again: a server that does not answer takes half a minute each time. */
const patienceMs = 60_000;

/**
 * Commits, and believes no answer: a server, or a proxy before it, can say 200 and have done nothing, commit and lose its answer, or
 * send a request twice, so that the second one is a conflict with the first. The table tells what happened.
 *
 * @throws what `refuse` throws when it was not made; (unavailable) the server's own error, or `commit_unseen`, when nobody can tell
 */
export async function confirmed<Answer extends { readonly status: number }>(
  { what, send, landed, refuse }: Commit<Answer>,
  signal: AbortSignal,
): Promise<void> {
  const began = performance.now();
  const late = () => performance.now() - began > patienceMs;
  const shown = async () => {
    for (const pause of looksMs) {
      if (pause > 0) await delay(pause, undefined, { signal });
      // Whoever cannot look does not know either.
      if (await landed().catch(ignoring)) return true;
      if (late()) break;
    }
    return false;
  };
  let last: Answer | PipectlError | undefined;
  for (let attempt = 1; attempt <= attempts && !(attempt > 1 && late()); attempt += 1) {
    const answer = await send().catch(unknown);
    const conflict = !(answer instanceof PipectlError) && answer.status === 409;
    const refused = !(answer instanceof PipectlError) && answer.status >= 400 && answer.status < 500;
    if (refused && !conflict) refuse(answer);
    if (await shown()) return;
    // A conflict with an earlier attempt that the table does not show yet is no refusal.
    if (conflict && attempt === 1) refuse(answer);
    last = conflict ? last : answer;
  }
  if (last instanceof PipectlError) throw last;
  if (last !== undefined && last.status >= 500) refuse(last);
  throw unavailable(
    "commit_unseen",
    `${what}: the Iceberg catalog says that it is done, but the table does not show it`,
    {
      hint: "pipectl validate tells what is there; then the same command again",
    },
  );
}

/** No answer: the commit may have been made, or may still be. */
function unknown(error: unknown): PipectlError {
  if (error instanceof PipectlError && error.kind === "unavailable") return error;
  throw error;
}

function ignoring(error: unknown): false {
  unknown(error);
  return false;
}
