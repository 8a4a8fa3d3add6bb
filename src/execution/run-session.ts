import { randomBytes } from "node:crypto";
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
   * Runs the catalog and source files, unless this session has done so already.
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
  return {
    run,
    open: () => void open(),
    prepared: () => prepared,
    prepare: async (files, paths) => {
      if (prepared) return;
      const session = await open();
      for (const name of ["00_catalog", "01_source"] as const) {
        await runFile(session, paths.get(name) ?? `${name}.sql`, files.get(name) as string, workspace.signal);
      }
      // The rendered files wait for their jobs, for people who run them by hand. pipectl follows each job over Flink's REST API
      // instead: Flink's client polls without a pause, which took more than a tenth of a first run's time.
      await session.execute("SET 'table.dml-sync' = 'false'", workspace.signal);
      prepared = true;
    },
    get: open,
    close: async () => {
      const session = await opening?.catch(() => undefined);
      opening = undefined;
      await session?.close();
    },
  };
}
