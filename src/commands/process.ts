import type { ProcessOptions } from "../pipeline/batch/process.js";
import type { StreamOptions, StreamResult } from "../pipeline/stream/start.js";
import type { Workspace } from "../workspace/workspace.js";
import type { CommandContext, CommandDefinition, OptionValues } from "./command.js";

async function run(
  context: CommandContext,
  steps: Pick<ProcessOptions, "bronze" | "silver" | "marts" | "acceptLoss">,
  range: { readonly from?: string | undefined; readonly to?: string | undefined } = {},
): Promise<undefined> {
  const [{ processBatch }, { dateRange }, { processView }] = await Promise.all([
    import("../pipeline/batch/process.js"),
    import("../pipeline/ingest/silver.js"),
    import("../ui/views.js"),
  ]);
  const dates = dateRange(range.from, range.to);
  const workspace = await context.workspace();
  const result = await processBatch(workspace, { ...steps, range: dates });
  context.print(result, processView);
  return undefined;
}

async function runStream(
  context: CommandContext,
  start: (workspace: Workspace) => Promise<StreamResult>,
): Promise<undefined> {
  const { streamView } = await import("../ui/stream-view.js");
  context.print(await start(await context.workspace()), streamView);
  return undefined;
}

async function streamOptionsOf(options: OptionValues): Promise<StreamOptions> {
  const { usage } = await import("../core/errors.js");
  if (options.start !== undefined && options.start !== "latest")
    throw usage("option_invalid", `--start is '${options.start}', but can only be latest`);
  return {
    acceptLoss: options.acceptLoss === true,
    fromTables: options.fromTables === true,
    latest: options.start === "latest",
    waitCheckpoint: options.waitCheckpoint === true,
    silver: options.silver === true,
  };
}

const acceptLoss = [
  "--accept-loss",
  "go on without records that Kafka no longer has; the account shows them as lost, for ever",
] as const;

export const processCommands: readonly CommandDefinition[] = [
  {
    usage: "process",
    summary:
      "bronze, then silver, then the marts: take everything that has not landed, and wait until the jobs are FINISHED",
    options: [acceptLoss],
    example: "pipectl process --via gateway",
    run: async (context, _args, options) =>
      await run(context, {
        bronze: true,
        silver: true,
        marts: true,
        acceptLoss: options.acceptLoss === true,
      }),
  },
  {
    usage: "process-bronze",
    summary: "only the first half: topic to bronze and dead letters",
    options: [acceptLoss],
    example: "pipectl process-bronze",
    run: async (context, _args, options) =>
      await run(context, {
        bronze: true,
        silver: false,
        marts: false,
        acceptLoss: options.acceptLoss === true,
      }),
  },
  {
    usage: "process-silver",
    summary: "only the second half: bring silver up to bronze, or rebuild a range of dates",
    options: [
      ["--from <date>", "rebuild from this date on (YYYY-MM-DD)"],
      ["--to <date>", "up to and including this date; --from's unless told"],
    ],
    example: "pipectl process-silver --from 2019-01-01 --to 2019-01-31",
    run: async (context, _args, options) =>
      await run(
        context,
        { bronze: false, silver: true, marts: true },
        options as { from?: string; to?: string },
      ),
  },
  {
    usage: "process-marts",
    summary: "only the marts (datasets/<name>/marts/*.sql): make anew what is behind silver",
    example: "pipectl process-marts",
    run: async (context) => await run(context, { bronze: false, silver: false, marts: true }),
  },
  {
    usage: "process-streaming",
    summary: "continuous bronze, from where the tables end: returns as soon as the job is RUNNING",
    options: [
      [
        "--wait-checkpoint",
        "wait until it has completed a checkpoint, after which it commits what it has read",
      ],
      [
        "--start <where>",
        "latest: leave out what has not landed so far; the account shows it as skipped, for ever",
      ],
      ["--silver", "continuous silver as well: it follows bronze, one checkpoint behind"],
      ["--from-tables", "take over no savepoint and no checkpoint: begin at the next offset"],
      acceptLoss,
    ],
    example: "pipectl process-streaming --wait-checkpoint",
    run: async (context, _args, options) => {
      const { processStreaming } = await import("../pipeline/stream/start.js");
      const streamOptions = await streamOptionsOf(options);
      return await runStream(context, (workspace) => processStreaming(workspace, streamOptions));
    },
  },
  {
    usage: "stop",
    summary: "stop the streaming jobs with a savepoint each, from which process-streaming goes on",
    options: [["--cancel", "without a savepoint: it goes on from its last checkpoint then"]],
    example: "pipectl stop",
    run: async (context, _args, options) => {
      const [{ stopStreaming }, { stopView }] = await Promise.all([
        import("../pipeline/stream/stop.js"),
        import("../ui/stream-view.js"),
      ]);
      context.print(await stopStreaming(await context.workspace(), options.cancel === true), stopView);
      return undefined;
    },
  },
  {
    usage: "restart-streaming",
    summary: "stop, then process-streaming, with nobody else in between",
    options: [
      ["--wait-checkpoint", "wait until it has completed a checkpoint"],
      ["--silver", "continuous silver as well; it is started again anyway where it runs"],
      ["--from-tables", "take over no savepoint: begin at the next offset"],
    ],
    example: "pipectl restart-streaming",
    run: async (context, _args, options) => {
      const { restartStreaming } = await import("../pipeline/stream/start.js");
      const streamOptions = await streamOptionsOf(options);
      return await runStream(context, (workspace) => restartStreaming(workspace, streamOptions));
    },
  },
  {
    usage: "jobs [action] [id]",
    summary:
      "Flink jobs with state, age, restarts, last checkpoint and records; `jobs cancel ID` cancels one",
    example: "pipectl jobs\npipectl jobs cancel 4c3a2f0e9d1b4e5f8a7b6c5d4e3f2a1b",
    run: async (context, args) => {
      const [{ listJobs, cancelById }, { jobsView }] = await Promise.all([
        import("../execution/list-jobs.js"),
        import("../ui/views.js"),
      ]);
      const { usage } = await import("../core/errors.js");
      const [action, id] = args;
      if (action !== undefined && (action !== "cancel" || id === undefined)) {
        throw usage("usage", "jobs takes no argument, or: jobs cancel ID", { hint: "pipectl jobs --help" });
      }
      const workspace = await context.workspace();
      if (id !== undefined) await cancelById(workspace, id);
      context.print({ jobs: await listJobs(workspace) }, jobsView);
      return undefined;
    },
  },
];
