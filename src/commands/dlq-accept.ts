import { type CommandContext, command } from "./command.js";
import { among, filtered } from "./dlq-filter.js";
import { flag, text, type ValuesOf } from "./options.js";

const options = {
  ...among,
  note: text("<text>", "the reason, which dlq shows later"),
  revoke: flag("revoke all acceptances"),
  yes: flag("do not ask", "y"),
  dryRun: flag("say what would happen, and change nothing"),
};
type AcceptOptions = ValuesOf<typeof options>;

/** Checked before any server is contacted: a script that cannot answer must not wait for the question. */
async function requireAnswer({ deps }: CommandContext, given: AcceptOptions): Promise<void> {
  const [{ usage }, { canAnswer }] = await Promise.all([
    import("../core/errors.js"),
    import("../ui/confirm.js"),
  ]);
  const other = (["reason", "partition", "note"] as const).find((name) => given[name] !== undefined);
  if (given.revoke && other !== undefined)
    throw usage("usage", `--revoke revokes all acceptances: it cannot be used with --${other}`);
  if (!/^\P{Cc}{0,500}$/u.test(given.note ?? ""))
    throw usage("option_invalid", "--note must be one line of up to 500 characters");
  if (given.yes || given.dryRun || canAnswer(deps)) return;
  throw usage("answer_missing", "dlq accept asks before it changes anything, and nobody can answer here", {
    hint: "--dry-run says what would happen; --yes does it",
  });
}

async function runAccept(context: CommandContext, given: AcceptOptions): Promise<undefined> {
  await requireAnswer(context, given);
  const [{ accept, planAccept }, { acceptedView, acceptPlanView }, { confirm }] = await Promise.all([
    import("../pipeline/dead-letters/accept.js"),
    import("../ui/dead-letters-view.js"),
    import("../ui/confirm.js"),
  ]);
  const { workspace, filter } = await filtered(context, given);
  const { note = null } = given;
  const seen = await planAccept(workspace, given.revoke ? "revoke" : { filter, note });
  const done = (value: boolean) => ({ ...seen.plan, done: value });
  if (given.dryRun || seen.record === undefined) {
    context.print(done(false), acceptPlanView);
    return undefined;
  }
  if (!given.yes) {
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

export const acceptCommand = command({
  usage: "dlq accept",
  summary: "accept the current dead letters: DLQ_MAX no longer counts them",
  options,
  example: 'pipectl dlq accept --reason tombstone --note "deletions of the old shop"',
  run: async (context, _args, given) => await runAccept(context, given),
});
