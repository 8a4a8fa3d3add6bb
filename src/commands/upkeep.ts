import type { Tables } from "../pipeline/tables.js";
import type { CommandContext, CommandDefinition, OptionValues } from "./command.js";
import { snapshotCommands } from "./snapshots.js";

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

const kinds = ["bronze", "dlq", "silver"] as const;
const table = ["--table <name>", "bronze, dlq or silver; all of them unless told"] as const;

async function kindsOf(options: OptionValues): Promise<readonly (keyof Tables)[]> {
  if (options.table === undefined) return kinds;
  const kind = kinds.find((one) => one === options.table);
  if (kind !== undefined) return [kind];
  const { usage } = await import("../core/errors.js");
  throw usage("option_invalid", `--table is '${options.table}', but must be bronze, dlq or silver`);
}

/** `7d`, `36h`, `30min` in milliseconds. */
async function ageOf(options: OptionValues): Promise<number> {
  const text = String(options.olderThan);
  const [, n, unit] = /^(\d+)(min|h|d)$/.exec(text) ?? [];
  if (n !== undefined)
    return Number(n) * { min: 60_000, h: 3_600_000, d: 86_400_000 }[unit as "min" | "h" | "d"];
  const { usage } = await import("../core/errors.js");
  throw usage("option_invalid", `--older-than is '${text}', but must be a number and a unit: 30min, 36h, 7d`);
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
  {
    usage: "expire-snapshots",
    summary:
      "remove old snapshots with the files that only they name; what a stream or the account needs stays",
    options: [
      ["--older-than <age>", "as 36h or 7d", "7d"],
      ["--keep <n>", "of each table, whatever their age", "10"],
      table,
      dryRun,
    ],
    example: "pipectl expire-snapshots --older-than 1d --dry-run",
    run: async (context, _args, options) => {
      const [{ expireSnapshots }, { expiredView }, { numberOption }] = await Promise.all([
        import("../pipeline/maintain/upkeep.js"),
        import("../ui/upkeep-view.js"),
        import("./command.js"),
      ]);
      const keep = (await numberOption(options, "keep", { min: 1, whole: true })) ?? 10;
      const how = { olderThanMs: await ageOf(options), keep, dryRun: options.dryRun === true };
      const tables = await expireSnapshots(await context.workspace(), await kindsOf(options), how);
      context.print({ tables }, (value) => expiredView(value.tables));
      return undefined;
    },
  },
  {
    usage: "rewrite-manifests",
    summary: "put small manifests together",
    options: [table, dryRun],
    example: "pipectl rewrite-manifests --table bronze",
    run: async (context, _args, options) => {
      const [{ rewriteManifests }, { manifestsView }] = await Promise.all([
        import("../pipeline/maintain/upkeep.js"),
        import("../ui/upkeep-view.js"),
      ]);
      const kinds = await kindsOf(options);
      const tables = await rewriteManifests(await context.workspace(), kinds, options.dryRun === true);
      context.print({ tables }, (value) => manifestsView(value.tables));
      return undefined;
    },
  },
  {
    usage: "vacuum",
    summary: "remove files that no snapshot names: what killed jobs have left",
    options: [
      ["--older-than <age>", "as 36h or 7d; a day at least", "3d"],
      table,
      dryRun,
      ["--delete-files-of-writers-at-work", "take less than a day: a job that runs may lose its files"],
    ],
    example: "pipectl vacuum --dry-run",
    run: async (context, _args, options) => {
      const [{ vacuum }, { orphansView }] = await Promise.all([
        import("../pipeline/maintain/upkeep.js"),
        import("../ui/upkeep-view.js"),
      ]);
      const risk = options.deleteFilesOfWritersAtWork === true;
      const how = { olderThanMs: await ageOf(options), dryRun: options.dryRun === true, risk };
      const tables = await vacuum(await context.workspace(), await kindsOf(options), how);
      context.print({ tables }, (value) => orphansView(value.tables, how.dryRun));
      return undefined;
    },
  },
  ...snapshotCommands,
];
