import { type CommandContext, type CommandDefinition, command } from "./command.js";
import { flag, type ValuesOf } from "./options.js";

const options = {
  yes: flag("do not ask", "y"),
  dryRun: flag("say what is wrong and what would be done, and change nothing"),
};

async function runRepair(
  context: CommandContext,
  { yes, dryRun }: ValuesOf<typeof options>,
): Promise<undefined> {
  const [{ usage }, { canAnswer, confirm }] = await Promise.all([
    import("../core/errors.js"),
    import("../ui/confirm.js"),
  ]);
  const { deps, signal } = context;
  // Checked before any server is contacted: a script that cannot answer must not wait for the question.
  if (!yes && !dryRun && !canAnswer(deps)) {
    throw usage("answer_missing", "repair asks before it changes anything, and nobody can answer here", {
      hint: "--dry-run says what would be done; --yes does it",
    });
  }
  const [{ repair }, { repairPlanView, repairView }] = await Promise.all([
    import("../pipeline/repair/repair.js"),
    import("../ui/repair-view.js"),
  ]);
  const result = await repair(await context.workspace(), async (plan) => {
    if (dryRun) return false;
    if (!context.json) deps.stderr.write(`${repairPlanView(plan)}\n`);
    return yes || (await confirm("Do it?", deps, signal));
  });
  context.print(result, (value) => repairView(value, dryRun));
  return undefined;
}

export const repairCommand: CommandDefinition = command({
  usage: "repair",
  summary:
    "find what keeps the tables from being exact, and mend it: files that are gone or damaged, rows of other programs, a damaged account",
  options,
  example: "pipectl repair --dry-run",
  run: async (context, _args, given) => await runRepair(context, given),
});
