import { formatsWithPackings } from "../dataset/formats/input-formats.js";
import { type CommandContext, type CommandDefinition, command } from "./command.js";
import { number, oneOf, type ValuesOf } from "./options.js";

const share = { min: 0, max: 1 };
const options = {
  rate: number("<n>", "records per second; by default as fast as Kafka accepts them", { min: 0.01 }),
  seed: number("<n>", "the same seed makes the same bytes", { min: 0, whole: true }, "1"),
  malformed: number("<share>", "share of malformed records, 0 to 1", share, "0"),
  duplicates: number("<share>", "share of exact copies of earlier records, 0 to 1", share, "0"),
  mode: oneOf(
    "<how>",
    "burst: at once; realtime: steadily at --rate (1000), endless without --count; batch: ten seconds' worth at a time",
    ["burst", "realtime", "batch"],
    "burst",
  ),
};
const count = number(
  "<n>",
  "number of records to make, or the most to send from files (100000 without files)",
  {
    min: 1,
    whole: true,
  },
);

async function send(
  context: CommandContext,
  files: readonly string[],
  values: ValuesOf<typeof options>,
  wanted: number | undefined,
) {
  const [{ generate }, { ledgerView }, { usage, ExitCode }] = await Promise.all([
    import("../pipeline/topic/generate.js"),
    import("../ui/views.js"),
    import("../core/errors.js"),
  ]);
  const { mode, seed, malformed, duplicates } = values;
  const rate = values.rate ?? (mode === "burst" ? undefined : 1000);
  const endless = files.length > 0 || mode !== "burst";
  if (files.length > 0 && (malformed > 0 || duplicates > 0)) {
    throw usage(
      "option_invalid",
      "--malformed and --duplicates are for synthetic records; files are sent unchanged",
    );
  }
  const ledger = await generate(await context.workspace(), {
    files,
    stdin: context.deps.stdin,
    seed,
    malformed,
    duplicates,
    ...(wanted !== undefined ? { count: wanted } : endless ? {} : { count: 100_000 }),
    ...(rate === undefined ? {} : { rate }),
    ...(mode === "batch" ? { every: 10 } : {}),
  });
  context.print(ledger, ledgerView);
  return ledger.interrupted ? ExitCode.interrupted : undefined;
}

export const dataCommands: readonly CommandDefinition[] = [
  command({
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
  }),
  command({
    usage: "generate [files...]",
    summary: `send records: from ${formatsWithPackings()} files, from standard input (-), or synthetic ones`,
    options: { count, ...options },
    example:
      "pipectl generate trips-2019-01.csv.gz\npipectl generate --count 50000 --malformed 0.01 --duplicates 0.02",
    run: async (context, files, values) => await send(context, files, values, values.count),
  }),
  command({
    usage: "generate-limited",
    summary: "send 10,000 synthetic records",
    options,
    example: "pipectl generate-limited --malformed 0.01",
    run: async (context, _args, values) => await send(context, [], values, 10_000),
  }),
];
