import { randomBytes } from "node:crypto";
import { messageOf, PipectlError } from "../core/errors.js";
import type { SqlSession } from "../flink/session.js";
import type { FileName, RenderedName } from "../sql/files.js";
import type { Needs } from "../workspace/workspace.js";
import { runFile } from "./run-job.js";
import { openSession } from "./sessions.js";

/** The one SQL session of a run. Nothing is started until a step needs it, and bronze and silver share it. */
export interface RunSession {
  /** Names the run's jobs and branches: its time and four random digits. */
  readonly run: string;
  /** Begins to open the session without waiting for it: the client's JVM starts while we talk to the catalog. */
  open(): void;
  /** True when this session has run the catalog and source files. */
  prepared(): boolean;
  /**
   * Runs the catalog and source files, unless this session has done so already. A gateway drops a session that was idle for as long
   * as its operator says, which may be less than a job takes: then another one is opened.
   *
   * @param paths of the files that were written
   */
  prepare(files: ReadonlyMap<FileName, string>, paths: ReadonlyMap<RenderedName, string>): Promise<void>;
  get(): Promise<SqlSession>;
  /** Does nothing when it is closed. */
  close(): Promise<void>;
}

export function runSession(
  workspace: Needs<"config" | "runtime" | "catalog" | "gatewaySession" | "signal">,
): RunSession {
  const run = `${new Date().toISOString().replace(/[-:]|\..*/g, "")}-${randomBytes(2).toString("hex")}`;
  let opening: Promise<SqlSession> | undefined;
  let prepared = false;
  const open = () => {
    opening ??= openSession(workspace);
    opening.catch(() => {});
    return opening;
  };
  const close = async () => {
    const session = await opening?.catch(() => undefined);
    opening = undefined;
    await session?.close();
  };
  return {
    run,
    open: () => void open(),
    prepared: () => prepared,
    prepare: async (files, paths) => {
      if (prepared && (await isThere(await open(), workspace.signal))) return;
      if (prepared) await close();
      const run = async () => {
        const session = await open();
        for (const name of ["00_catalog", "01_source"] as const) {
          const path = paths.get(name) ?? `${name}.sql`;
          await runFile(session, path, files.get(name) as string, workspace.signal);
        }
        // The rendered files wait for their jobs, for people who run them by hand. pipectl follows each job over Flink's REST API
        // instead: Flink's client polls without a pause, which took more than a tenth of a first run's time.
        await session.execute(unwaited, workspace.signal);
      };
      try {
        await run();
      } catch (error) {
        // It was opened before it was needed, and too long for this gateway.
        if (!isDropped(error)) throw error;
        await close();
        await run();
      }
      prepared = true;
    },
    get: open,
    close,
  };
}

const unwaited = "SET 'table.dml-sync' = 'false'";

/** False when the gateway has dropped the session. */
async function isThere(session: SqlSession, signal: AbortSignal): Promise<boolean> {
  try {
    await session.execute(unwaited, signal);
    return true;
  } catch (error) {
    if (isDropped(error)) return false;
    throw error;
  }
}

/** Flink's client ends when its session is gone. Where it ended for another reason, opening another one says which. */
const isDropped = (error: unknown): boolean =>
  /Session '?[\w-]+'? does not exist/.test(messageOf(error)) ||
  (error instanceof PipectlError && error.code === "sql_client_died");
