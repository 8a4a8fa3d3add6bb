import { type CommandContext, type CommandDefinition, command } from "./command.js";
import { flag, number } from "./options.js";
import { validateCommand } from "./validate.js";

/** With `--json`, one document per line. */
async function watch(context: CommandContext): Promise<undefined> {
  const [{ watchLag }, { lagLookView }, { live }] = await Promise.all([
    import("../pipeline/lag/watch-lag.js"),
    import("../ui/views.js"),
    import("../ui/live.js"),
  ]);
  const { stdout } = context.deps;
  const write = (text: string) => void stdout.write(text);
  const show = live(write, stdout.isTTY === true);
  await watchLag(await context.workspace(), 2_000, (look) => {
    if (!context.json) return show(context.hide(lagLookView(look)));
    const error =
      look.error === undefined
        ? {}
        : { error: { code: look.error.code, message: context.hide(look.error.message) } };
    write(`${JSON.stringify({ ...look.lag, ...error, trend: look.trend })}\n`);
  });
  return undefined;
}

export const inspectCommands: readonly CommandDefinition[] = [
  validateCommand,
  command({
    usage: "check-lag",
    summary: "per partition: end of the topic, committed, landed in Iceberg, and not landed yet",
    options: {
      watch: flag("look again every 2 s, with the trend, until Ctrl-C"),
      maxLag: number("<n>", "exit 1 when more records have not landed", { min: 0, whole: true }),
      maxLagSeconds: number("<s>", "exit 1 when the oldest record that has not landed is older", { min: 0 }),
    },
    example: "pipectl check-lag --max-lag-seconds 60",
    run: async (context, _args, options) => {
      const [{ checkLag }, { lagView }] = await Promise.all([
        import("../pipeline/lag/lag.js"),
        import("../ui/views.js"),
      ]);
      const { maxLag = Infinity, maxLagSeconds = Infinity } = options;
      if (options.watch) return await watch(context);
      const result = await checkLag(await context.workspace());
      context.print(result, lagView);
      return result.totalUnlanded > maxLag || result.totalLagSeconds > maxLagSeconds ? 1 : 0;
    },
  }),
  command({
    usage: "query <sql>",
    summary: "run one query on Flink, with the tables as bronze.… and silver.…",
    options: { limit: number("<n>", "maximum number of rows", { min: 1, whole: true }, "1000") },
    rows: true,
    example:
      'pipectl query "SELECT pickup_date, COUNT(*) AS trips FROM silver.cleaned_trips GROUP BY pickup_date"',
    run: async (context, [sql = ""], { limit }) => {
      const [{ query }, { queryView }] = await Promise.all([
        import("../execution/query.js"),
        import("../ui/views.js"),
      ]);
      const result = await query(await context.workspace(), sql, limit);
      context.print(result, queryView);
      return undefined;
    },
  }),
  command({
    usage: "build-sql",
    summary: "render the templates to build/sql; needs no running service",
    options: { show: flag("print the rendered SQL") },
    example: "pipectl build-sql --mode streaming_bronze --show",
    run: async (context, _args, { show }) => {
      const { buildSql } = await import("../pipeline/sql/build-sql.js");
      const files = buildSql(await context.workspace());
      context.print({ files }, () =>
        files.map(({ path, sql }) => (show ? `-- ${path}\n${sql}` : path)).join("\n"),
      );
      return undefined;
    },
  }),
];
