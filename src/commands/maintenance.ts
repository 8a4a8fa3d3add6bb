import { tableKinds } from "../lake/definitions.js";
import type { Tables } from "../lake/tables.js";
import type { MaintenancePlan } from "../pipeline/maintain/maintenance-plan.js";
import { type CommandContext, type CommandDefinition, command } from "./command.js";
import { age, flag, number, oneOf } from "./options.js";
import { repairCommand } from "./repair.js";
import { snapshotCommands } from "./snapshots.js";

const dryRun = flag("only report what would be done");
const table = oneOf("<name>", "bronze, dlq or silver; by default all of them", tableKinds);
const keep = (what: string) => number("<n>", what, { min: 1, whole: true }, "10");

type Kind = keyof Tables;

async function runCompact(context: CommandContext, kinds: readonly Kind[], dry: boolean): Promise<undefined> {
  const [{ compact }, { compactView }] = await Promise.all([
    import("../pipeline/maintain/compact.js"),
    import("../ui/maintenance-view.js"),
  ]);
  const tables = await compact(await context.workspace(), kinds, dry);
  context.print({ tables }, (value) => compactView(value.tables, dry));
  return undefined;
}

interface Which {
  readonly table: Kind | undefined;
  readonly dryRun: boolean;
}

const kindsOf = ({ table: kind }: Pick<Which, "table">) => (kind === undefined ? tableKinds : [kind]);

async function runMaintenance(
  context: CommandContext,
  which: Which,
  plan: MaintenancePlan,
): Promise<undefined> {
  const [{ maintainTables }, { maintenanceView }] = await Promise.all([
    import("../pipeline/maintain/maintain-tables.js"),
    import("../ui/maintenance-view.js"),
  ]);
  const dry = which.dryRun;
  const tables = await maintainTables(await context.workspace(), kindsOf(which), plan, dry);
  context.print({ tables }, (value) => value.tables.map((one) => maintenanceView(one, dry)).join("\n"));
  return undefined;
}

export const maintenanceCommands: readonly CommandDefinition[] = [
  command({
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
  }),
  command({
    usage: "compact-bronze",
    summary:
      "rewrite the small files of bronze and of the dead letters into large ones; streams may keep running",
    options: { dryRun },
    example: "pipectl compact-bronze --dry-run",
    run: async (context, _args, options) => await runCompact(context, ["bronze", "dlq"], options.dryRun),
  }),
  command({
    usage: "compact-silver",
    summary: "the same for silver",
    options: { dryRun },
    example: "pipectl compact-silver",
    run: async (context, _args, options) => await runCompact(context, ["silver"], options.dryRun),
  }),
  command({
    usage: "expire-snapshots",
    summary:
      "expire old snapshots, with the files that only they reference; what a stream or the account needs is kept",
    options: {
      olderThan: age("as 36h or 7d", "7d"),
      keep: keep("snapshots of each table to keep, whatever their age"),
      table,
      dryRun,
    },
    example: "pipectl expire-snapshots --older-than 1d --dry-run",
    run: async (context, _args, options) =>
      await runMaintenance(context, options, {
        expire: { olderThanMs: options.olderThan, keep: options.keep },
      }),
  }),
  command({
    usage: "rewrite-manifests",
    summary: "merge small manifests",
    options: { table, dryRun },
    example: "pipectl rewrite-manifests --table bronze",
    run: async (context, _args, options) => await runMaintenance(context, options, { manifests: true }),
  }),
  command({
    usage: "vacuum",
    summary: "delete files that no snapshot references, such as those of killed jobs",
    options: {
      olderThan: age("as 36h or 7d; a day at least", "3d"),
      table,
      dryRun,
      deleteFilesOfWritersAtWork: flag(
        "also delete files younger than a day: a running job may lose its own",
      ),
    },
    example: "pipectl vacuum --dry-run",
    run: async (context, _args, options) => {
      const orphans = { olderThanMs: options.olderThan, risk: options.deleteFilesOfWritersAtWork };
      return await runMaintenance(context, options, { orphans });
    },
  }),
  command({
    usage: "maintain",
    summary: "all of this maintenance, where needed, in the right order; streams may keep running",
    options: {
      olderThan: age("of snapshots to expire, as 36h or 7d", "7d"),
      keep: keep("snapshots of each table to keep, whatever their age"),
      orphansOlderThan: age("of unreferenced files to delete; a day at least", "3d"),
      minFiles: number(
        "<n>",
        "compact a table with at least this many small files; by default 500, or 100 where they are nearly all",
        { min: 5, whole: true },
      ),
      table,
      dryRun,
      repair: flag("restart streams whose snapshots another tool has expired"),
    },
    example: "pipectl maintain --older-than 1d",
    run: async (context, _args, options) => {
      const [{ maintain }, { maintainView }] = await Promise.all([
        import("../pipeline/maintain/maintain.js"),
        import("../ui/maintenance-view.js"),
      ]);
      const result = await maintain(await context.workspace(), kindsOf(options), {
        expire: { olderThanMs: options.olderThan, keep: options.keep },
        deletes: true,
        manifests: true,
        orphans: { olderThanMs: options.orphansOlderThan },
        minFiles: options.minFiles,
        repair: options.repair,
        dryRun: options.dryRun,
      });
      context.print(result, (value) => maintainView(value, options.dryRun));
      return undefined;
    },
  }),
  ...snapshotCommands,
  repairCommand,
];
