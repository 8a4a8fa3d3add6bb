import type { CommandDefinition } from "./command.js";

export const replayCommand: CommandDefinition = {
  usage: "dlq-replay",
  summary:
    "read every dead letter again: those that fit the manifest by now go to bronze with their place in Kafka, and leave the dead letters",
  options: [["--dry-run", "only count what could be read"]],
  example: "pipectl dlq replay --dry-run",
  run: async (context, _args, options) => {
    const [{ replay }, { replayView }] = await Promise.all([
      import("../pipeline/dlq/replay.js"),
      import("../ui/replay-view.js"),
    ]);
    const dryRun = options.dryRun === true;
    context.print(await replay(await context.workspace(), dryRun), (result) => replayView(result, dryRun));
    return undefined;
  },
};
