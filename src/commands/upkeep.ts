import type { Tables } from "../pipeline/tables.js";
import type { CommandContext, CommandDefinition, OptionValues } from "./command.js";

const dryRun = ["--dry-run", "say what there is to gain, and change nothing"] as const;

async function runCompact(
  context: CommandContext,
  kinds: readonly (keyof Tables)[],
  options: OptionValues,
): Promise<undefined> {
  const [{ compact }, { compactView }] = await Promise.all([
    import("../pipeline/maintain/compact.js"),
    import("../ui/upkeep-view.js"),
  ]);
  const tables = await compact(await context.workspace(), kinds, options.dryRun === true);
  context.print({ tables }, (value) => compactView(value.tables, options.dryRun === true));
  return undefined;
}

export const upkeepCommands: readonly CommandDefinition[] = [
  {
    usage: "tables",
    summary: "rows, files, sizes and snapshots of each table, and whether it needs compaction",
    example: "pipectl tables --json",
    run: async (context) => {
      const [{ tables }, { tablesView }] = await Promise.all([
        import("../pipeline/maintain/tables.js"),
        import("../ui/upkeep-view.js"),
      ]);
      context.print({ tables: await tables(await context.workspace()) }, (value) => tablesView(value.tables));
      return undefined;
    },
  },
  {
    usage: "compact-bronze",
    summary: "rewrite the small files of bronze and of the dead letters into large ones; a stream may go on",
    options: [dryRun],
    example: "pipectl compact-bronze --dry-run",
    run: async (context, _args, options) => await runCompact(context, ["bronze", "dlq"], options),
  },
  {
    usage: "compact-silver",
    summary: "the same for silver",
    options: [dryRun],
    example: "pipectl compact-silver",
    run: async (context, _args, options) => await runCompact(context, ["silver"], options),
  },
];
