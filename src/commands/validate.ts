import { exitCodeOf } from "../core/verdict.js";
import { type CommandContext, command } from "./command.js";
import { flag, numberOf, parsed, text, type ValuesOf } from "./options.js";

const options = {
  deep: flag("also read every row: recount by partition and offset, check silver and the quality rules"),
  againstTopic: flag(
    "with --deep: also read the topic again, and compare each row with the record that Kafka still has",
  ),
  // `30s`, as in .env, means 30.
  settle: parsed(
    "<time>",
    "wait up to this long (30s) until everything has landed, also in continuous silver; fail otherwise",
    (given) => numberOf(given.replace(/s$/, ""), { min: 0, max: 86_400 }),
  ),
  junit: text("<file>", "write the stages as JUnit XML, a test case each"),
  github: flag("add the result to the summary of a GitHub Actions job, and annotations"),
};

/** The CI reports are written whether the stages pass or fail, or the command ends with an error. */
async function runValidate(
  context: CommandContext,
  { deep, againstTopic, settle = 0, junit, github }: ValuesOf<typeof options>,
): Promise<number> {
  if (againstTopic && !deep) {
    const { usage } = await import("../core/errors.js");
    throw usage("option_missing", "--against-topic needs --deep: it compares every row", {
      hint: "pipectl validate --deep --against-topic",
    });
  }
  const [{ validate }, { validateView }, { openCiReports }] = await Promise.all([
    import("../pipeline/validate/validate.js"),
    import("../ui/validate-view.js"),
    import("../ui/ci-reports.js"),
  ]);
  const { stdout, stderr, environment } = context.deps;
  // The runner reads both streams. With --json, standard output must contain nothing but the document.
  const say = (line: string) => (context.json ? stderr : stdout).write(`${line}\n`);
  const reports = await openCiReports({
    junit,
    ...(github ? { github: { summary: environment.GITHUB_STEP_SUMMARY, say } } : {}),
    hide: context.hide,
  });
  try {
    const result = await validate(await context.workspace(), { deep, againstTopic, settleMs: settle * 1000 });
    await reports.result(result);
    context.print(result, (value) => validateView(value, context.chalk));
    reports.announce(result);
    return exitCodeOf(result.status);
  } catch (error) {
    await reports.trouble(context.signal.aborted ? context.signal.reason : error);
    throw error;
  }
}

export const validateCommand = command({
  usage: "validate",
  summary:
    "check everything in stages and prove the account of every record; exit 1 when a stage fails, 3 when one could not look",
  options,
  example: "pipectl validate --deep --json",
  run: async (context, _args, values) => await runValidate(context, values),
});
