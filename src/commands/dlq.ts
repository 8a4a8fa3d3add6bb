import { withFormerKeys } from "../core/former-keys.js";
import { type CommandContext, type CommandDefinition, command } from "./command.js";
import { acceptCommand } from "./dlq-accept.js";
import { among, filtered } from "./dlq-filter.js";
import { flag, type ValuesOf } from "./options.js";

type Among = ValuesOf<typeof among>;

async function runShow(
  context: CommandContext,
  [text = ""]: readonly string[],
  options: Among,
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
  options: Among,
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
    // With a slow reader, the output must not pile up in this process's memory.
    if (stdout.write(line) !== false || stdout.once === undefined) return;
    await Promise.race([new Promise<void>((resolve) => stdout.once?.("drain", resolve)), stopped]);
  });
  return undefined;
}

export const dlqCommands: readonly CommandDefinition[] = [
  command({
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
  }),
  command({
    usage: "dlq show <n>",
    summary: "the n newest dead letters, with key, value and error",
    options: among,
    rows: true,
    example: "pipectl dlq show 10 --reason field",
    run: runShow,
  }),
  command({
    usage: "dlq export <file>",
    summary: "write dead letters to a new file (or -) as JSON lines, without losing a byte",
    options: among,
    rows: true,
    example: "pipectl dlq export dead-letters.jsonl",
    run: runExport,
  }),
  acceptCommand,
  command({
    usage: "dlq replay",
    summary:
      "parse every dead letter again: those that fit the current manifest move to bronze, with their place in Kafka",
    options: { dryRun: flag("only count those that could be moved") },
    example: "pipectl dlq replay --dry-run",
    run: async (context, _args, { dryRun }) => {
      const [{ replay }, { replayView }] = await Promise.all([
        import("../pipeline/dead-letters/replay.js"),
        import("../ui/replay-view.js"),
      ]);
      context.print(await replay(await context.workspace(), dryRun), (result) => replayView(result, dryRun));
      return undefined;
    },
  }),
];
