import type { StreamResult } from "../pipeline/stream/start.js";
import type { Workspace } from "../workspace/workspace.js";
import { type CommandContext, type CommandDefinition, command } from "./command.js";
import { flag, oneOf } from "./options.js";

async function runStream(
  context: CommandContext,
  start: (workspace: Workspace) => Promise<StreamResult>,
): Promise<undefined> {
  const { streamView } = await import("../ui/stream-view.js");
  context.print(await start(await context.workspace()), streamView);
  return undefined;
}

export const acceptLoss = flag(
  "continue without records that Kafka no longer has; the account shows them as lost, for ever",
);

export const acceptForeign = flag(
  "continue with rows that pipectl did not write, as they are; the account shows how many, for ever",
);

export const streamingCommands: readonly CommandDefinition[] = [
  command({
    usage: "process-streaming",
    summary: "start continuous bronze where the tables end; returns as soon as the job is RUNNING",
    options: {
      waitCheckpoint: flag(
        "wait until it has completed a checkpoint, after which it commits what it has read",
      ),
      start: oneOf(
        "<where>",
        "latest: skip records that have not landed so far; the account shows them as skipped, for ever",
        ["latest"],
      ),
      silver: flag("continuous silver as well: it follows bronze, one checkpoint behind"),
      fromTables: flag("resume from no savepoint or checkpoint: start at the next offset"),
      acceptLoss,
      acceptForeign,
    },
    example: "pipectl process-streaming --wait-checkpoint",
    run: async (context, _args, { start, ...options }) => {
      const { processStreaming } = await import("../pipeline/stream/start.js");
      const streamOptions = { ...options, latest: start === "latest" };
      return await runStream(context, (workspace) => processStreaming(workspace, streamOptions));
    },
  }),
  command({
    usage: "stop",
    summary: "stop the streaming jobs with a savepoint each, from which process-streaming resumes",
    options: { cancel: flag("without a savepoint: the streams then resume from their last checkpoints") },
    example: "pipectl stop",
    run: async (context, _args, { cancel }) => {
      const [{ stopStreaming }, { stopView }] = await Promise.all([
        import("../pipeline/stream/stop.js"),
        import("../ui/stream-view.js"),
      ]);
      context.print(await stopStreaming(await context.workspace(), cancel), stopView);
      return undefined;
    },
  }),
  command({
    usage: "restart-streaming",
    summary: "stop, then process-streaming, under one lock",
    options: {
      waitCheckpoint: flag("wait until it has completed a checkpoint"),
      silver: flag("continuous silver as well; it is restarted anyway if it runs"),
      fromTables: flag("resume from no savepoint: start at the next offset"),
    },
    example: "pipectl restart-streaming",
    run: async (context, _args, options) => {
      const { restartStreaming } = await import("../pipeline/stream/start.js");
      const streamOptions = { ...options, acceptLoss: false, latest: false };
      return await runStream(context, (workspace) => restartStreaming(workspace, streamOptions));
    },
  }),
];
