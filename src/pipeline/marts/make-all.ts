import { failed, PipectlError } from "../../core/errors.js";
import { plural } from "../../core/format.js";
import type { RunSession } from "../../execution/run-session.js";
import type { JobResult } from "../../flink/jobs.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type MartResult, makeMart } from "./make.js";
import type { Mart } from "./mart.js";
import { inOrder, martsReadBy } from "./order.js";

export interface MartsResult {
  readonly marts: readonly MartResult[];
  readonly jobs: readonly JobResult[];
}

/**
 * Makes each mart that is behind, after those that it reads. When one fails, only the marts that read it fail with it.
 *
 * @throws PipectlError (failed) `mart_failed` with every mart that could not be made, after the others are done
 */
export async function makeMarts(
  workspace: Workspace,
  session: RunSession,
  marts: readonly Mart[],
): Promise<MartsResult> {
  const done: MartResult[] = [];
  const jobs: JobResult[] = [];
  const lines: string[] = [];
  const broken: Mart[] = [];
  for (const mart of inOrder(marts)) {
    const missing = martsReadBy(mart, broken);
    try {
      if (missing.length > 0)
        throw failed("mart_failed", `reads ${missing.map(({ name }) => name).join(", ")}, which failed`);
      const { result, job } = await makeMart(workspace, session, mart);
      done.push(result);
      if (job !== undefined) jobs.push(job);
    } catch (error) {
      workspace.signal.throwIfAborted();
      // A service that is down would fail the other marts as well.
      if (!(error instanceof PipectlError) || error.kind === "unavailable") throw error;
      broken.push(mart);
      lines.push(lineOf(mart, error));
    }
  }
  if (broken.length === 0) return { marts: done, jobs };
  const rest = done.length === 0 ? "" : `; up to date: ${done.map(({ table }) => table).join(", ")}`;
  throw failed(
    "mart_failed",
    `${broken.length} of ${plural(marts.length, "mart")} could not be made${rest}:\n  ${lines.join("\n  ")}`,
    { hint: "bronze and silver are published; fix the SQL, then: pipectl process-marts" },
  );
}

/** The error with its file and line, and with its own hint if it has one. */
function lineOf({ file, line }: Mart, { message, hint }: PipectlError): string {
  const text = message.startsWith(file) ? message : `${file}:${line}: ${message}`;
  return hint === undefined ? text : `${text}\n    try: ${hint}`;
}
