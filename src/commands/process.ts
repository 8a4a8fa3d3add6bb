import type { ProcessOptions } from "../pipeline/batch/process.js";
import { type CommandContext, type CommandDefinition, command } from "./command.js";
import { text } from "./options.js";
import { acceptForeign, acceptLoss, streamingCommands } from "./streaming.js";

async function run(
  context: CommandContext,
  steps: Pick<ProcessOptions, "bronze" | "silver" | "marts" | "acceptLoss" | "acceptForeign">,
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

export const processCommands: readonly CommandDefinition[] = [
  command({
    usage: "process",
    summary:
      "bronze, then silver, then the marts: ingest everything that has not landed, and wait until the jobs are FINISHED",
    options: { acceptLoss, acceptForeign },
    example: "pipectl process --via gateway",
    run: async (context, _args, options) =>
      await run(context, { bronze: true, silver: true, marts: true, ...options }),
  }),
  command({
    usage: "process-bronze",
    summary: "only the first half: topic to bronze and dead letters",
    options: { acceptLoss, acceptForeign },
    example: "pipectl process-bronze",
    run: async (context, _args, options) =>
      await run(context, { bronze: true, silver: false, marts: false, ...options }),
  }),
  command({
    usage: "process-silver",
    summary: "only the second half: bring silver up to date with bronze, or rebuild a range of dates",
    options: {
      from: text("<date>", "rebuild from this date on (YYYY-MM-DD)"),
      to: text("<date>", "up to and including this date; by default that of --from"),
    },
    example: "pipectl process-silver --from 2019-01-01 --to 2019-01-31",
    run: async (context, _args, range) =>
      await run(context, { bronze: false, silver: true, marts: true }, range),
  }),
  command({
    usage: "process-marts",
    summary: "only the marts (datasets/<name>/marts/*.sql): rebuild those that are behind silver",
    example: "pipectl process-marts",
    run: async (context) => await run(context, { bronze: false, silver: false, marts: true }),
  }),
  ...streamingCommands,
  command({
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
  }),
];
