import { type CommandContext, type CommandDefinition, numberOption, type OptionValues } from "./command.js";

const options = [
  ["--count <n>", "records to make, or at most to send from files (100000 without files)"],
  ["--rate <n>", "records per second; as fast as Kafka takes them without it"],
  ["--seed <n>", "the same seed makes the same bytes", "1"],
  ["--malformed <share>", "share of records that no reader can read, 0 to 1", "0"],
  ["--duplicates <share>", "share of exact copies of earlier records, 0 to 1", "0"],
  [
    "--mode <how>",
    "burst: at once; realtime: steadily at --rate (1000), endless without --count; batch: ten seconds' worth at a time",
    "burst",
  ],
] as const;

async function send(
  context: CommandContext,
  files: readonly string[],
  values: OptionValues,
  fixedCount?: number,
) {
  const [{ generate }, { ledgerView }, { usage, ExitCode }] = await Promise.all([
    import("../pipeline/topic/generate.js"),
    import("../ui/views.js"),
    import("../core/errors.js"),
  ]);
  const style = values.mode;
  if (!["burst", "realtime", "batch"].includes(String(style))) {
    throw usage("option_invalid", `--mode is '${style}', but must be burst, realtime or batch`);
  }
  const count = fixedCount ?? (await numberOption(values, "count", { min: 1, whole: true }));
  const given = await numberOption(values, "rate", { min: 0.01 });
  const rate = given ?? (style === "burst" ? undefined : 1000);
  const endless = files.length > 0 || style !== "burst";
  if (files.length > 0 && (Number(values.malformed) > 0 || Number(values.duplicates) > 0)) {
    throw usage(
      "option_invalid",
      "--malformed and --duplicates are for made-up records; files are sent as they are",
    );
  }
  const ledger = await generate(await context.workspace(), {
    files,
    stdin: context.deps.stdin,
    seed: (await numberOption(values, "seed", { min: 0, whole: true })) ?? 1,
    malformed: (await numberOption(values, "malformed", { min: 0, max: 1 })) ?? 0,
    duplicates: (await numberOption(values, "duplicates", { min: 0, max: 1 })) ?? 0,
    ...(count !== undefined ? { count } : endless ? {} : { count: 100_000 }),
    ...(rate === undefined ? {} : { rate }),
    ...(style === "batch" ? { every: 10 } : {}),
  });
  context.print(ledger, ledgerView);
  return ledger.interrupted ? ExitCode.interrupted : undefined;
}

export const dataCommands: readonly CommandDefinition[] = [
  {
    usage: "create-topics",
    summary: "create the dataset's topic; an existing one is compared and left as it is",
    example: "pipectl create-topics",
    run: async (context) => {
      const [{ createTopics }, { topicView }] = await Promise.all([
        import("../pipeline/topic/topics.js"),
        import("../ui/views.js"),
      ]);
      context.print(await createTopics(await context.workspace()), topicView);
      return undefined;
    },
  },
  {
    usage: "generate [files...]",
    summary:
      "send records: from CSV, JSON (plain, gzip or zstd) or Parquet files, from standard input (-), or made-up ones",
    options,
    example:
      "pipectl generate trips-2019-01.csv.gz\npipectl generate --count 50000 --malformed 0.01 --duplicates 0.02",
    run: async (context, files, values) => await send(context, files, values),
  },
  {
    usage: "generate-limited",
    summary: "send 10,000 made-up records",
    options: options.filter(([flags]) => !flags.startsWith("--count")),
    example: "pipectl generate-limited --malformed 0.01",
    run: async (context, _args, values) => await send(context, [], values, 10_000),
  },
];
