import { tableKinds } from "../lake/definitions.js";
import type { Tables } from "../lake/tables.js";
import type { MaintenancePlan } from "../pipeline/maintain/maintenance-plan.js";
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
    import("../ui/maintenance-view.js"),
  ]);
  const tables = await compact(await context.workspace(), kinds, options.dryRun === true);
  context.print({ tables }, (value) => compactView(value.tables, options.dryRun === true));
  return undefined;
}

const table = ["--table <name>", "bronze, dlq or silver; all of them unless told"] as const;

async function kindsOf(options: OptionValues): Promise<readonly (keyof Tables)[]> {
  if (options.table === undefined) return tableKinds;
  const kind = tableKinds.find((one) => one === options.table);
  if (kind !== undefined) return [kind];
  const { usage } = await import("../core/errors.js");
  throw usage("option_invalid", `--table is '${options.table}', but must be bronze, dlq or silver`);
}

/** `7d`, `36h`, `30min` in milliseconds. */
async function ageOf(options: OptionValues, name = "olderThan"): Promise<number> {
  const text = String(options[name]);
  const [, n, unit] = /^(\d+)(min|h|d)$/.exec(text) ?? [];
  if (n !== undefined)
    return Number(n) * { min: 60_000, h: 3_600_000, d: 86_400_000 }[unit as "min" | "h" | "d"];
  const [{ usage }, { flagOf }] = await Promise.all([import("../core/errors.js"), import("./command.js")]);
  throw usage(
    "option_invalid",
    `${flagOf(name)} is '${text}', but must be a number and a unit: 30min, 36h, 7d`,
  );
}

async function runMaintenance(
  context: CommandContext,
  options: OptionValues,
  plan: MaintenancePlan,
): Promise<undefined> {
  const [{ maintainTables }, { maintenanceView }] = await Promise.all([
    import("../pipeline/maintain/maintain-tables.js"),
    import("../ui/maintenance-view.js"),
  ]);
  const dry = options.dryRun === true;
  const tables = await maintainTables(await context.workspace(), await kindsOf(options), plan, dry);
  context.print({ tables }, (value) => value.tables.map((one) => maintenanceView(one, dry)).join("\n"));
  return undefined;
}

async function expireOf(options: OptionValues) {
  const { numberOption } = await import("./command.js");
  const keep = (await numberOption(options, "keep", { min: 1, whole: true })) ?? 10;
  return { olderThanMs: await ageOf(options), keep };
}

const risk = [
  "--delete-files-of-writers-at-work",
  "take files of less than a day: a job that runs may lose its own",
] as const;

export const maintenanceCommands: readonly CommandDefinition[] = [
  {
    usage: "tables",
    summary: "rows, files, sizes and snapshots of each table, and whether it needs compaction",
    example: "pipectl tables --json",
    run: async (context) => {
      const [{ tables }, { tablesView }] = await Promise.all([
        import("../pipeline/maintain/health.js"),
        import("../ui/maintenance-view.js"),
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
    run: async (context, _args, options) =>
      await runMaintenance(context, options, { expire: await expireOf(options) }),
  },
  {
    usage: "rewrite-manifests",
    summary: "put small manifests together",
    options: [table, dryRun],
    example: "pipectl rewrite-manifests --table bronze",
    run: async (context, _args, options) => await runMaintenance(context, options, { manifests: true }),
  },
  {
    usage: "vacuum",
    summary: "remove files that no snapshot names: what killed jobs have left",
    options: [["--older-than <age>", "as 36h or 7d; a day at least", "3d"], table, dryRun, risk],
    example: "pipectl vacuum --dry-run",
    run: async (context, _args, options) => {
      const orphans = {
        olderThanMs: await ageOf(options),
        risk: options.deleteFilesOfWritersAtWork === true,
      };
      return await runMaintenance(context, options, { orphans });
    },
  },
  {
    usage: "maintain",
    summary: "all of this upkeep, where it is needed, in the right order; streams may go on",
    options: [
      ["--older-than <age>", "of snapshots that go, as 36h or 7d", "7d"],
      ["--keep <n>", "snapshots of each table that stay, whatever their age", "10"],
      ["--orphans-older-than <age>", "of files that no snapshot names; a day at least", "3d"],
      ["--min-files <n>", "compact a table that has so many small files", "500"],
      table,
      dryRun,
      ["--repair", "begin streams anew whose snapshots another tool has expired"],
    ],
    example: "pipectl maintain --older-than 1d",
    run: async (context, _args, options) => {
      const [{ maintain }, { maintainView }, { numberOption }] = await Promise.all([
        import("../pipeline/maintain/maintain.js"),
        import("../ui/maintenance-view.js"),
        import("./command.js"),
      ]);
      const dry = options.dryRun === true;
      const how = {
        expire: await expireOf(options),
        manifests: true,
        orphans: { olderThanMs: await ageOf(options, "orphansOlderThan") },
        minFiles: (await numberOption(options, "minFiles", { min: 5, whole: true })) ?? 500,
        repair: options.repair === true,
        dryRun: dry,
      } as const;
      const result = await maintain(await context.workspace(), await kindsOf(options), how);
      context.print(result, (value) => maintainView(value, dry));
      return undefined;
    },
  },
  ...snapshotCommands,
];
