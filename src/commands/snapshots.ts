import { joined } from "../core/format.js";
import { tableKinds } from "../lake/definitions.js";
import type { Tables } from "../lake/tables.js";
import { type CommandContext, type CommandDefinition, command } from "./command.js";
import { flag, number, text, type ValuesOf } from "./options.js";

async function kindOf(name: string | undefined): Promise<keyof Tables> {
  const kind = tableKinds.find((one) => one === name);
  if (kind !== undefined) return kind;
  const { usage } = await import("../core/errors.js");
  throw usage("usage", `'${name}' is no table of the dataset, but must be ${joined(tableKinds, "or")}`);
}

const rollbackOptions = {
  to: text("<id>", "the snapshot's id, as snapshots lists it"),
  yes: flag("do not ask", "y"),
  dryRun: flag("say what would happen, and change nothing"),
};
type RollbackOptions = ValuesOf<typeof rollbackOptions>;

/** Checked before any server is contacted: a script that cannot answer must not wait for the question. */
async function requireAnswer({ deps }: CommandContext, options: RollbackOptions): Promise<string> {
  const [{ usage }, { canAnswer }] = await Promise.all([
    import("../core/errors.js"),
    import("../ui/confirm.js"),
  ]);
  if (options.to === undefined) {
    throw usage("option_missing", "rollback needs --to ID, the snapshot that the table is set to", {
      hint: "pipectl snapshots lists them",
    });
  }
  if (!options.yes && !options.dryRun && !canAnswer(deps)) {
    throw usage("answer_missing", "rollback asks before it changes anything, and nobody can answer here", {
      hint: "--dry-run says what would happen; --yes does it",
    });
  }
  return options.to;
}

async function runRollback(
  context: CommandContext,
  kind: keyof Tables,
  options: RollbackOptions,
): Promise<undefined> {
  const to = await requireAnswer(context, options);
  const [{ planRollback, rollback }, { planView, rolledBackView }, { confirm }] = await Promise.all([
    import("../pipeline/maintain/rollback.js"),
    import("../ui/snapshots-view.js"),
    import("../ui/confirm.js"),
  ]);
  const workspace = await context.workspace();
  const plan = await planRollback(workspace, kind, to);
  const done = (value: boolean) => ({ ...plan, done: value });
  if (options.dryRun) {
    context.print(done(false), planView);
    return undefined;
  }
  if (!options.yes && plan.direction !== "none") {
    context.deps.stderr.write(`${planView(plan)}\n`);
    if (!(await confirm("Do it?", context.deps, context.signal))) {
      context.print(done(false), () => "nothing was changed");
      return undefined;
    }
  }
  await rollback(workspace, kind, plan);
  context.print(done(true), (value) => rolledBackView(value, kind));
  return undefined;
}

export const snapshotCommands: readonly CommandDefinition[] = [
  command({
    usage: "snapshots [table]",
    summary:
      "the snapshots of each table, the newest first: what they changed, who wrote them, who needs them",
    options: { limit: number("<n>", "of each table", { min: 1, whole: true }, "20") },
    example: "pipectl snapshots bronze --limit 5",
    run: async (context, [name], { limit }) => {
      const [{ snapshots }, { snapshotsView }] = await Promise.all([
        import("../pipeline/maintain/snapshots.js"),
        import("../ui/snapshots-view.js"),
      ]);
      const wanted = name === undefined ? tableKinds : [await kindOf(name)];
      const tables = await snapshots(await context.workspace(), wanted, limit);
      context.print({ tables }, (value) => snapshotsView(value.tables));
      return undefined;
    },
  }),
  command({
    usage: "rollback <table>",
    summary: "set a table to an older snapshot, or back again; the next run ingests the missing records",
    options: rollbackOptions,
    example: "pipectl rollback silver --to 4678399226066279056 --dry-run",
    run: async (context, [name], options) => await runRollback(context, await kindOf(name), options),
  }),
];
