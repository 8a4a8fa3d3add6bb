import { type CommandContext, type CommandDefinition, command } from "./command.js";
import { inferCommand } from "./infer.js";
import { flag, text } from "./options.js";

const list = async (context: CommandContext): Promise<number> => {
  const [{ listDatasets }, { datasetsView }] = await Promise.all([
    import("../pipeline/dataset/datasets.js"),
    import("../ui/dataset-view.js"),
  ]);
  const datasets = listDatasets(context.config());
  context.print({ datasets }, datasetsView);
  return datasets.some(({ problems }) => problems.length > 0) ? 1 : 0;
};

export const datasetCommands: readonly CommandDefinition[] = [
  command({
    usage: "dataset",
    summary: "list the datasets, one manifest each; its subcommands create, check and change them",
    example: "pipectl dataset",
    run: list,
  }),
  inferCommand,
  command({
    usage: "dataset list",
    summary: "every manifest in datasets/ with its topic and its problems; exit 1 when there are any",
    example: "pipectl dataset list",
    run: list,
  }),
  command({
    usage: "dataset show",
    summary: "the dataset that DATASET names: columns, keys, rules and tables",
    example: "pipectl dataset show --dataset taxi",
    run: async (context) => {
      const [{ currentDataset }, { datasetView }] = await Promise.all([
        import("../pipeline/dataset/datasets.js"),
        import("../ui/dataset-view.js"),
      ]);
      context.print(currentDataset(context.config()), datasetView);
      return undefined;
    },
  }),
  command({
    usage: "dataset check [files...]",
    summary: "check the manifest against files to send, its topic and its tables; changes nothing",
    example: "pipectl dataset check trips-2019-01.csv.gz",
    run: async (context, files) => {
      const [{ checkDataset }, { doctorView }] = await Promise.all([
        import("../pipeline/dataset/datasets.js"),
        import("../ui/views.js"),
      ]);
      const findings = await checkDataset(await context.workspace(), files);
      context.print({ findings }, (value) => doctorView(value, context.chalk));
      return findings.some(({ status }) => status === "problem") ? 1 : 0;
    },
  }),
  command({
    usage: "dataset diff",
    summary: "how the tables differ from the manifest; changes nothing",
    example: "pipectl dataset diff",
    run: async (context) => {
      const [{ diffDataset }, { diffView }] = await Promise.all([
        import("../pipeline/evolve/diff.js"),
        import("../ui/dataset-view.js"),
      ]);
      const diff = await diffDataset(await context.workspace());
      context.print(diff, (value) => diffView(value, context.chalk));
      return diff.tables.some(({ refusals }) => refusals.length > 0) ? 1 : 0;
    },
  }),
  command({
    usage: "dataset apply",
    summary:
      "change the tables to the manifest's columns: new ones, wider types; no file is rewritten, and streams continue",
    options: {
      backfill: flag(
        "also fill the new columns of old rows from their extra_fields, which rewrites all of bronze",
      ),
      rewriteManifest: flag("also put the names of now into the manifest and the marts of the dataset"),
    },
    example: "pipectl dataset apply",
    run: async (context, _args, how) => {
      const [{ applyManifest }, { applyView }] = await Promise.all([
        import("../pipeline/evolve/apply.js"),
        import("../ui/dataset-view.js"),
      ]);
      context.print(await applyManifest(await context.workspace(), how), (value) =>
        applyView(value, context.chalk),
      );
      return undefined;
    },
  }),
  command({
    usage: "dataset export <format>",
    summary: "the dataset's tables and quality rules for another tool: dbt, as the YAML of its sources",
    options: {
      out: text(
        "<file>",
        "write it to a new file, or over an earlier export of the dataset; by default to standard output",
      ),
    },
    example: "pipectl dataset export dbt --out models/sources.yml",
    run: async (context, [format = ""], { out }) => {
      const { exportDbt, requireFormat } = await import("../pipeline/dbt/export-sources.js");
      requireFormat(format);
      const { file, yaml } = await exportDbt(context.config(), out);
      const written = file === null ? { format, yaml } : { format, file };
      context.print(written, () => (file === null ? yaml.trimEnd() : `written to ${file}`));
      return undefined;
    },
  }),
];
