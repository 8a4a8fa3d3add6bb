import { withFormerKeys } from "../core/former-keys.js";
import { type CommandContext, type CommandDefinition, numberOption, type OptionValues } from "./command.js";

const among = [
  ["--reason <reason>", "only these, as dlq lists them: tombstone, or field:NAME of one column"],
  ["--partition <p>", "only those of one partition of the topic"],
] as const;

/** The workspace, and which of the dead letters an option names. */
async function filtered(context: CommandContext, options: OptionValues) {
  const { deadLetterFilter } = await import("../pipeline/dead-letters/reasons.js");
  const partition = await numberOption(options, "partition", { min: 0, whole: true });
  const workspace = await context.workspace();
  const filter = deadLetterFilter(workspace.dataset, options.reason as string | undefined, partition);
  return { workspace, filter };
}

async function runShow(
  context: CommandContext,
  [text = ""]: readonly string[],
  options: OptionValues,
): Promise<undefined> {
  const [{ newestDeadLetters }, { deadLetterLine }, { deadLettersView }, { usage }] = await Promise.all([
    import("../pipeline/dead-letters/show.js"),
    import("../pipeline/dead-letters/dead-letter-line.js"),
    import("../ui/dead-letters-view.js"),
    import("../core/errors.js"),
  ]);
  const most = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (most < 1 || most > 10_000) {
    throw usage("usage", `'${text}' must be a whole number from 1 to 10000`, {
      hint: "pipectl dlq show 10; pipectl dlq export FILE writes all of them",
    });
  }
  const { workspace, filter } = await filtered(context, options);
  const deadLetters = (await newestDeadLetters(workspace, filter, most)).map(deadLetterLine);
  const shown = { table: workspace.dataset.tables.dlq.qualified, letters: deadLetters };
  context.print(withFormerKeys(shown), deadLettersView);
  return undefined;
}

async function runExport(
  context: CommandContext,
  [file = ""]: readonly string[],
  options: OptionValues,
): Promise<undefined> {
  const [{ exportLines, exportToFile }, { plural }] = await Promise.all([
    import("../pipeline/dead-letters/export-file.js"),
    import("../core/format.js"),
  ]);
  const { workspace, filter } = await filtered(context, options);
  if (file !== "-") {
    const result = await exportToFile(workspace, filter, file);
    context.print(result, ({ records }) => `${plural(records, "dead letter")} written to ${file}`);
    return undefined;
  }
  const { deps, signal } = context;
  const { stdout } = deps;
  const stopped = new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
  );
  stopped.catch(() => {});
  await exportLines(workspace, filter, async (line) => {
    // Whoever reads it slowly shall not have all of it wait in our memory.
    if (stdout.write(line) !== false || stdout.once === undefined) return;
    await Promise.race([new Promise<void>((resolve) => stdout.once?.("drain", resolve)), stopped]);
  });
  return undefined;
}

/** Before anything is contacted: what a script cannot answer it shall not wait for. */
async function requireAnswer({ deps }: CommandContext, options: OptionValues): Promise<void> {
  const [{ usage }, { canAnswer }] = await Promise.all([
    import("../core/errors.js"),
    import("../ui/confirm.js"),
  ]);
  const other = ["reason", "partition", "note"].find((name) => options[name] !== undefined);
  if (options.revoke === true && other !== undefined)
    throw usage("usage", `--revoke takes back all that was accepted: it goes without --${other}`);
  if (!/^\P{Cc}{0,500}$/u.test(String(options.note ?? "")))
    throw usage("option_invalid", "--note must be one line of up to 500 characters");
  if (options.yes === true || options.dryRun === true || canAnswer(deps)) return;
  throw usage("answer_missing", "dlq accept asks before it changes anything, and nobody can answer here", {
    hint: "--dry-run says what would happen; --yes does it",
  });
}

async function runAccept(
  context: CommandContext,
  _args: readonly string[],
  options: OptionValues,
): Promise<undefined> {
  await requireAnswer(context, options);
  const [{ accept, planAccept }, { acceptedView, acceptPlanView }, { confirm }] = await Promise.all([
    import("../pipeline/dead-letters/accept.js"),
    import("../ui/dead-letters-view.js"),
    import("../ui/confirm.js"),
  ]);
  const { workspace, filter } = await filtered(context, options);
  const note = (options.note as string | undefined) ?? null;
  const seen = await planAccept(workspace, options.revoke === true ? "revoke" : { filter, note });
  const done = (value: boolean) => ({ ...seen.plan, done: value });
  if (options.dryRun === true || seen.record === undefined) {
    context.print(done(false), acceptPlanView);
    return undefined;
  }
  if (options.yes !== true) {
    context.deps.stderr.write(`${acceptPlanView(seen.plan)}\n`);
    if (!(await confirm("Do it?", context.deps, context.signal))) {
      context.print(done(false), () => "nothing was changed");
      return undefined;
    }
  }
  await accept(workspace, seen);
  context.print(done(true), acceptedView);
  return undefined;
}

export const dlqCommands: readonly CommandDefinition[] = [
  {
    usage: "dlq",
    summary: "the dead letters by reason and partition, and how many of them are accepted",
    rows: true,
    example: "pipectl dlq --json",
    run: async (context) => {
      const [{ dlqSummary }, { dlqView }] = await Promise.all([
        import("../pipeline/dead-letters/summary.js"),
        import("../ui/dead-letters-view.js"),
      ]);
      context.print(withFormerKeys(await dlqSummary(await context.workspace())), dlqView);
      return undefined;
    },
  },
  {
    usage: "dlq show <n>",
    summary: "the n newest dead letters, with key, value and error",
    options: among,
    rows: true,
    example: "pipectl dlq show 10 --reason field",
    run: runShow,
  },
  {
    usage: "dlq export <file>",
    summary: "write dead letters to a new file (or -) as JSON lines, without losing a byte",
    options: among,
    rows: true,
    example: "pipectl dlq export dead-letters.jsonl",
    run: runExport,
  },
  {
    usage: "dlq accept",
    summary: "say of the dead letters that are there that they stay: DLQ_MAX no longer counts them",
    options: [
      ...among,
      ["--note <text>", "why, for whoever reads dlq later"],
      ["--revoke", "take back all that was accepted"],
      ["-y, --yes", "do not ask"],
      ["--dry-run", "say what would happen, and change nothing"],
    ],
    example: 'pipectl dlq accept --reason tombstone --note "deletions of the old shop"',
    run: runAccept,
  },
  {
    usage: "dlq replay",
    summary:
      "read every dead letter again: those that fit the manifest by now go to bronze with their place in Kafka, and leave the dead letters",
    options: [["--dry-run", "only count what could be read"]],
    example: "pipectl dlq replay --dry-run",
    run: async (context, _args, options) => {
      const [{ replay }, { replayView }] = await Promise.all([
        import("../pipeline/dead-letters/replay.js"),
        import("../ui/replay-view.js"),
      ]);
      const dryRun = options.dryRun === true;
      context.print(await replay(await context.workspace(), dryRun), (result) => replayView(result, dryRun));
      return undefined;
    },
  },
];
