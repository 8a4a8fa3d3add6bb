import { type CommandContext, type CommandDefinition, numberOption, type OptionValues } from "./command.js";

/** With `--json` a document a line. */
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

/** What CI servers read is written whether the stages pass, fail, or the command comes to no result. */
async function runValidate(
  context: CommandContext,
  _args: readonly string[],
  options: OptionValues,
): Promise<number> {
  const [{ validate }, { validateView }, { openCiReports }] = await Promise.all([
    import("../pipeline/validate/validate.js"),
    import("../ui/validate-view.js"),
    import("../ui/ci-reports.js"),
  ]);
  // `30s`, as in .env, is 30.
  const settle = String(options.settle ?? "0").replace(/s$/, "");
  const settleSeconds = await numberOption({ settle }, "settle", { min: 0, max: 86_400 });
  const how = { deep: options.deep === true, settleMs: (settleSeconds ?? 0) * 1000 };
  const { stdout, stderr, environment } = context.deps;
  // The runner reads both streams; with --json, standard output is one document and nothing else.
  const say = (line: string) => (context.json ? stderr : stdout).write(`${line}\n`);
  const reports = await openCiReports({
    junit: options.junit as string | undefined,
    ...(options.github === true ? { github: { summary: environment.GITHUB_STEP_SUMMARY, say } } : {}),
    hide: context.hide,
  });
  try {
    const result = await validate(await context.workspace(), how);
    await reports.result(result);
    context.print(result, (value) => validateView(value, context.chalk));
    reports.announce(result);
    return result.status === "fail" ? 1 : 0;
  } catch (error) {
    await reports.trouble(context.signal.aborted ? context.signal.reason : error);
    throw error;
  }
}

export const inspectCommands: readonly CommandDefinition[] = [
  {
    usage: "validate",
    summary: "check everything in stages and prove the account of every record; exit 1 when a stage fails",
    options: [
      ["--deep", "also read every row: recount by partition and offset, check silver and the quality rules"],
      ["--settle <time>", "wait so long (30s) until all has landed, continuous silver too; fail when not"],
      ["--junit <file>", "write the stages as JUnit XML, a test case each"],
      ["--github", "add the result to the summary of a GitHub Actions job, and annotations"],
    ],
    example: "pipectl validate --deep --json",
    run: runValidate,
  },
  {
    usage: "check-lag",
    summary: "per partition: end of the topic, committed, landed in Iceberg, and what is still to come",
    options: [
      ["--watch", "look again every 2 s, with the trend, until Ctrl-C"],
      ["--max-lag <n>", "exit 1 when more records have not landed"],
      ["--max-lag-seconds <s>", "exit 1 when the oldest that has not landed is older"],
    ],
    example: "pipectl check-lag --max-lag-seconds 60",
    run: async (context, _args, options) => {
      const [{ checkLag }, { lagView }] = await Promise.all([
        import("../pipeline/lag/lag.js"),
        import("../ui/views.js"),
      ]);
      const most = (await numberOption(options, "maxLag", { min: 0, whole: true })) ?? Infinity;
      const oldest = (await numberOption(options, "maxLagSeconds", { min: 0 })) ?? Infinity;
      if (options.watch === true) return await watch(context);
      const result = await checkLag(await context.workspace());
      context.print(result, lagView);
      return result.totalUnlanded > most || result.totalLagSeconds > oldest ? 1 : 0;
    },
  },
  {
    usage: "query <sql>",
    summary: "run one query on Flink, with the tables as bronze.… and silver.…",
    options: [["--limit <n>", "rows at the most", "1000"]],
    rows: true,
    example:
      'pipectl query "SELECT pickup_date, COUNT(*) AS trips FROM silver.cleaned_trips GROUP BY pickup_date"',
    run: async (context, [sql = ""], options) => {
      const [{ query }, { queryView }] = await Promise.all([
        import("../execution/query.js"),
        import("../ui/views.js"),
      ]);
      const limit = (await numberOption(options, "limit", { min: 1, whole: true })) ?? 1000;
      const result = await query(await context.workspace(), sql, limit);
      context.print(result, queryView);
      return undefined;
    },
  },
  {
    usage: "build-sql",
    summary: "render the templates to build/sql; needs no running service",
    options: [["--show", "print the rendered SQL"]],
    example: "pipectl build-sql --mode streaming_bronze --show",
    run: async (context, _args, options) => {
      const { buildSql } = await import("../pipeline/sql/build-sql.js");
      const files = buildSql(await context.workspace());
      context.print({ files }, () =>
        files.map(({ path, sql }) => (options.show === true ? `-- ${path}\n${sql}` : path)).join("\n"),
      );
      return undefined;
    },
  },
];
